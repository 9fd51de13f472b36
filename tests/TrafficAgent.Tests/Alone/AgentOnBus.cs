using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.Hosting.Bus;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent.Tests.Alone;

/// <summary>The whole traffic agent on a bus, over the state and before the balancer of a test.</summary>
internal sealed class AgentOnBus : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Ears _ears;

    private AgentOnBus(WebApplication app, Ears ears) => (_app, _ears) = (app, ears);

    public IBus Bus => _app.Services.GetRequiredService<IBus>();

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<AgentOnBus> StartAsync(string state, IReadOnlyDictionary<string, string?> bus)
    {
        var ears = new Ears();
        var settings = new Dictionary<string, string?>(bus) { ["Agent:Datacenter"] = "eu1", ["Agent:Name"] = "test", ["Agent:StateDirectory"] = state };
        var app = MeshApplication.Build([], [new TrafficAgentModule(), ears], static builder =>
        {
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        }, settings);
        await app.StartAsync();
        return new AgentOnBus(app, ears);
    }

    /// <summary>Waits until the agent has published such an event.</summary>
    public Task<T> HearsAsync<T>(Func<T, bool> isMeant)
        where T : class, IStepEvent =>
        TestKit.Eventually.ReachesAsync(typeof(T).Name, () => Task.FromResult(_ears.Heard.OfType<T>().FirstOrDefault(isMeant)), static found => found is not null)!;

    public async Task SendAsync<T>(T command)
        where T : class, IStepCommand
    {
        var queue = await Bus.GetSendEndpoint(new Uri($"queue:{AgentQueues.For(AgentKind.Traffic, "eu1")}"));
        await queue.Send(command);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class Ears : IMeshModule
    {
        public ConcurrentQueue<IStepEvent> Heard { get; } = new();

        public string ServiceName => "ears";

        public void AddServices(IServiceCollection services, IConfiguration configuration) => services.AddSingleton(this);

        public void AddConsumers(IBusRegistrationConfigurator bus) => bus.AddConsumer<Ear>();

        public void ConfigureEndpoints(IBusRegistrationContext context, IBusFactoryConfigurator bus) =>
            bus.MeshInstanceQueue($"ears.{Guid.NewGuid():N}", endpoint => endpoint.ConfigureConsumer<Ear>(context));

        public void MapEndpoints(IEndpointRouteBuilder endpoints)
        {
        }
    }

    private sealed class Ear(Ears ears) : IConsumer<TrafficIncident>, IConsumer<TrafficShifted>, IConsumer<StepFailed>
    {
        public Task Consume(ConsumeContext<TrafficIncident> context) => Hear(context.Message);

        public Task Consume(ConsumeContext<TrafficShifted> context) => Hear(context.Message);

        public Task Consume(ConsumeContext<StepFailed> context) => Hear(context.Message);

        private Task Hear(IStepEvent message)
        {
            ears.Heard.Enqueue(message);
            return Task.CompletedTask;
        }
    }
}
