using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Coordinator.Api;
using KongUpgradeMesh.Coordinator.Intake;
using KongUpgradeMesh.Coordinator.Leases;
using KongUpgradeMesh.Coordinator.Upgrades;
using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.Hosting.Bus;
using KongUpgradeMesh.Messaging;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace KongUpgradeMesh.Coordinator;

/// <summary>The coordinator: sagas, intake, leases, REST API.</summary>
public sealed class CoordinatorModule : IMeshModule
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(15);

    public string ServiceName => "kum-coordinator";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddPostgresMessaging(configuration);
        services.AddSchemaScripts(typeof(CoordinatorModule).Assembly, "KongUpgradeMesh.Coordinator.Schema.");
        services.AddOptions<UpgradeOptions>().Bind(configuration.GetSection(UpgradeOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<UpgradeProcedure>();
        services.AddSingleton<LeaseStore>();
        services.AddHostedService<LeaseWatcher>();
        services.AddHostedService<CoordinatorBeatService>();
        services.AddSingleton<UpgradeReader>();
        services.AddUpgradesApi();
    }

    public void AddConsumers(IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<StartClusterUpgradeConsumer>();
        bus.AddConsumer<AgentReportConsumer>();
        bus.AddSagaStateMachine<UpgradeStateMachine, UpgradeState, UpgradeStateDefinition>().PostgresRepository();
        bus.AddRequestClient<StartClusterUpgrade>(new Uri($"queue:{CoordinatorQueues.Start}"), AnswerTimeout);
        var upgrades = new Uri($"queue:{CoordinatorQueues.Upgrades}");
        bus.AddRequestClient<PauseUpgrade>(upgrades, AnswerTimeout);
        bus.AddRequestClient<ResumeUpgrade>(upgrades, AnswerTimeout);
        bus.AddRequestClient<ApproveGate>(upgrades, AnswerTimeout);
        bus.AddRequestClient<RollBackUpgrade>(upgrades, AnswerTimeout);
        bus.AddRequestClient<RetryUpgrade>(upgrades, AnswerTimeout);
        bus.AddRequestClient<AbortUpgrade>(upgrades, AnswerTimeout);
    }

    public void ConfigureEndpoints(IBusRegistrationContext context, IBusFactoryConfigurator bus)
    {
        bus.UsePostgresMessageScheduler();
        bus.Message<StartClusterUpgrade>(static topology => topology.SetEntityName(CoordinatorQueues.StartExchange));
        bus.MeshQueue(CoordinatorQueues.Upgrades, endpoint => endpoint.ConfigureSaga<UpgradeState>(context));
        bus.MeshQueue(CoordinatorQueues.Start, endpoint =>
        {
            // Other systems publish plain JSON without an envelope; this queue carries nothing else, so any body is a start command.
            endpoint.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
            endpoint.UseMessageRetry(static retry =>
            {
                retry.Handle<NpgsqlException>();
                retry.Handle<ConcurrencyException>();
                retry.Exponential(14, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(15), TimeSpan.FromMilliseconds(500));
            });
            endpoint.UsePostgresOutbox(context);
            endpoint.ConfigureConsumer<StartClusterUpgradeConsumer>(context);
        });
        bus.MeshQueue(CoordinatorQueues.Beats, endpoint => endpoint.ConfigureConsumer<AgentReportConsumer>(context));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints) => endpoints.MapUpgradesApi();
}
