using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Messaging.Outbox;
using KongUpgradeMesh.Messaging.Sagas;
using KongUpgradeMesh.Messaging.Schema;
using KongUpgradeMesh.Messaging.Tests.Orders;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Messaging.Tests;

/// <summary>A service with the order saga and, when wanted, its subscribers, as a coordinator process would be put together.</summary>
internal sealed class OrderHost : IAsyncDisposable
{
    private readonly IHost _host;

    private OrderHost(IHost host) => _host = host;

    public IBus Bus => _host.Services.GetRequiredService<IBus>();

    public ISagaStore<OrderState> Orders => _host.Services.GetRequiredService<ISagaStore<OrderState>>();

    public IServiceProvider Services => _host.Services;

    public static OrderHost Build(OrderHostSettings settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddSimpleConsole().SetMinimumLevel(Environment.GetEnvironmentVariable("KUM_TEST_LOG") is { } level ? Enum.Parse<LogLevel>(level) : LogLevel.None);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(20));
        builder.Services.AddSingleton(settings.Clock).AddSingleton(settings.Arrivals).AddSingleton(settings.Queues);
        builder.Services.AddPostgresMessaging(options =>
        {
            options.ConnectionString = settings.ConnectionString;
            options.PollInterval = TimeSpan.FromMilliseconds(500);
            options.BackOff = TimeSpan.FromMilliseconds(100);
            // On a busy machine the first sends over a new connection may take long, and a send that was given up arrives all the same: neither may park a row or deliver it twice.
            options.MaximumAttempts = 60;
            options.SendTimeout = TimeSpan.FromSeconds(15);
            settings.Configure?.Invoke(options);
        });
        builder.Services.AddSchemaScripts(typeof(OrderHost).Assembly, "KongUpgradeMesh.Messaging.Tests.Schema.");
        if (!settings.Dispatches)
        {
            builder.Services.Remove(builder.Services.Single(d => d.ImplementationType == typeof(OutboxDispatcher)));
        }

        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddSagaStateMachine<OrderStateMachine, OrderState>().PostgresRepository();
            bus.AddConsumer<ArrivalConsumer>();
            bus.AddConsumer<EventConsumer>();
            bus.AddConsumer<FaultConsumer>();
            bus.AddRequestClient<AskOrder>(new Uri($"queue:{settings.Queues.Saga}"));
            if (settings.RabbitMq is { } server)
            {
                bus.UsingRabbitMq((context, configurator) =>
                {
                    configurator.Host("127.0.0.1", (ushort)server.Port, RabbitMqServer.VirtualHost, host =>
                    {
                        host.Username(RabbitMqServer.User);
                        host.Password(RabbitMqServer.Password);
                    });
                    Endpoints(configurator, context, settings);
                });
            }
            else
            {
                bus.UsingInMemory((context, configurator) => Endpoints(configurator, context, settings));
            }
        });
        builder.Services.Configure<MassTransitHostOptions>(o => o.StopTimeout = TimeSpan.FromSeconds(10));
        return new OrderHost(builder.Build());
    }

    public static async Task<OrderHost> StartAsync(OrderHostSettings settings)
    {
        var host = Build(settings);
        await host.StartAsync();
        await host.Services.GetRequiredService<ISchemaMigrator>().WhenReadyAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>Whether any of the endpoints has its connection; the bus's own temporary one does not tell.</summary>
    public bool IsConnected => _host.Services.GetRequiredService<IBusControl>().CheckHealth().Endpoints.Values
        .Any(e => e.Status == BusHealthStatus.Healthy && e.InputAddress.AbsolutePath != Bus.Address.AbsolutePath);

    public BusHealthStatus BusStatus => _host.Services.GetRequiredService<IBusControl>().CheckHealth().Status;

    public Task StartAsync() => _host.StartAsync(TestContext.Current.CancellationToken);

    public Task WhenHealthyAsync() => _host.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromMinutes(2));

    public async Task SendAsync<T>(T message, Guid? messageId = null)
        where T : class
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri($"queue:{Services.GetRequiredService<OrderQueues>().Saga}"));
        await endpoint.Send(message, context => context.MessageId = messageId ?? context.MessageId, TestContext.Current.CancellationToken);
    }

    public async Task<HealthReportEntry> HealthAsync()
    {
        var report = await Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        return report.Entries["messaging"];
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private static void Endpoints<T>(IBusFactoryConfigurator<T> configurator, IBusRegistrationContext context, OrderHostSettings settings)
        where T : IReceiveEndpointConfigurator
    {
        configurator.UsePostgresMessageScheduler();
        if (settings.HandlesOrders)
        {
            configurator.ReceiveEndpoint(settings.Queues.Saga, endpoint =>
            {
                endpoint.UseMessageRetry(retry => retry.Interval(5, TimeSpan.FromMilliseconds(50)));
                endpoint.UsePostgresOutbox(context);
                endpoint.ConfigureSaga<OrderState>(context);
            });
        }

        if (settings.Receives)
        {
            configurator.ReceiveEndpoint(settings.Queues.Ship, endpoint =>
            {
                endpoint.ConcurrentMessageLimit = settings.Serial ? 1 : null;
                endpoint.ConfigureConsumer<ArrivalConsumer>(context);
            });
            configurator.ReceiveEndpoint(settings.Queues.Watch, endpoint =>
            {
                endpoint.ConcurrentMessageLimit = settings.Serial ? 1 : null;
                endpoint.ConfigureConsumer<EventConsumer>(context);
                endpoint.ConfigureConsumer<FaultConsumer>(context);
            });
        }
    }
}
