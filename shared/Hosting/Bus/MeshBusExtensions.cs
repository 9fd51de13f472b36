using System.Text.Json.Serialization;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Upgrades;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KongUpgradeMesh.Hosting.Bus;

/// <summary>Puts the modules of a process on one bus.</summary>
public static class MeshBusExtensions
{
    /// <summary>Name of the fan-out exchange that carries every <see cref="IUpgradeEvent"/>.</summary>
    public const string EventsExchange = "kum.events";

    /// <summary>Adds MassTransit with the configured transport and the endpoints of <paramref name="modules"/>.</summary>
    public static IServiceCollection AddMeshBus(this IServiceCollection services, IConfiguration configuration, IReadOnlyCollection<IMeshModule> modules)
    {
        services.AddOptions<BusOptions>().Bind(configuration.GetSection(BusOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        var options = configuration.GetSection(BusOptions.Section).Get<BusOptions>() ?? new BusOptions();
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.ConfigureHealthCheckOptions(static health => health.MinimalFailureStatus = HealthStatus.Unhealthy);
            foreach (var module in modules)
            {
                module.AddConsumers(bus);
            }

            if (options.Transport == BusTransport.InMemory)
            {
                bus.UsingInMemory((context, factory) => Configure(context, factory, modules));
            }
            else
            {
                bus.UsingRabbitMq((context, factory) =>
                {
                    ConnectToRabbitMq(factory, options);
                    BrokerReconnect.Quicken(factory);
                    Configure(context, factory, modules);
                });
            }
        });
        return services;
    }

    /// <summary>Declares a durable queue (quorum on RabbitMQ) that takes only what is sent to it or bound by its consumers.</summary>
    public static void MeshQueue(this IBusFactoryConfigurator bus, string queue, Action<IReceiveEndpointConfigurator> configure) =>
        bus.ReceiveEndpoint(queue, endpoint =>
        {
            if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            {
                rabbit.SetQuorumQueue();
            }

            configure(endpoint);
        });

    /// <summary>Declares a queue of this process alone, gone when it ends; for broadcasts.</summary>
    public static void MeshInstanceQueue(this IBusFactoryConfigurator bus, string queue, Action<IReceiveEndpointConfigurator> configure) =>
        bus.ReceiveEndpoint(queue, endpoint =>
        {
            if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            {
                // The virtual host's default type is quorum, which cannot be auto-deleted.
                rabbit.SetQueueArgument("x-queue-type", "classic");
                rabbit.AutoDelete = true;
                rabbit.Durable = false;
            }

            configure(endpoint);
        });

    private static void ConnectToRabbitMq(IRabbitMqBusFactoryConfigurator factory, BusOptions options)
    {
        var hosts = options.Host.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        factory.Host(hosts[0], (ushort)options.Port, options.VirtualHost, host =>
        {
            host.Username(options.User);
            host.Password(SecretReference.Resolve(options.Password));
            host.PublisherConfirmation = true;
            host.Heartbeat(TimeSpan.FromSeconds(10));
            if (hosts.Length > 1)
            {
                host.UseCluster(cluster =>
                {
                    foreach (var node in hosts)
                    {
                        cluster.Node($"{node}:{options.Port}");
                    }
                });
            }

            if (options.Tls)
            {
                host.UseSsl(ssl => ssl.ServerName = hosts[0]);
            }
        });
    }

    private static void Configure(IBusRegistrationContext context, IBusFactoryConfigurator factory, IReadOnlyCollection<IMeshModule> modules)
    {
        factory.Message<IUpgradeEvent>(static topology => topology.SetEntityName(EventsExchange));
        factory.ConfigureJsonSerializerOptions(static json =>
        {
            json.Converters.Add(new JsonStringEnumConverter());
            json.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
            return json;
        });
        foreach (var module in modules)
        {
            module.ConfigureEndpoints(context, factory);
        }
    }
}
