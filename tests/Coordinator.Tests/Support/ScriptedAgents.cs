using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Coordinator.Tests.Support;

/// <summary>An agent on the product's own runner whose work is written by the test.</summary>
internal sealed class ScriptedAgents(AgentKind kind) : AgentModule
{
    public override string ServiceName => $"scripted-{kind}";

    protected override AgentKind Kind => kind;

    protected override void AddSteps()
    {
        switch (kind)
        {
            case AgentKind.Backup:
                Handle<FreezeConfiguration, Handler<FreezeConfiguration>>();
                Handle<GuardFreeze, Handler<GuardFreeze>>();
                Handle<VerifyFreeze, Handler<VerifyFreeze>>();
                Handle<UnfreezeConfiguration, Handler<UnfreezeConfiguration>>();
                Handle<TakeBackup, Handler<TakeBackup>>();
                break;
            case AgentKind.Deploy:
                Handle<RunPreflight, Handler<RunPreflight>>();
                Handle<AssessUpgrade, Handler<AssessUpgrade>>();
                Handle<RestoreDatabase, Handler<RestoreDatabase>>();
                Handle<MigrateDatabase, Handler<MigrateDatabase>>();
                Handle<StartCluster, Handler<StartCluster>>();
                Handle<RunStagingTests, Handler<RunStagingTests>>();
                Handle<CarryRuntimeState, Handler<CarryRuntimeState>>();
                Handle<DecommissionCluster, Handler<DecommissionCluster>>();
                break;
            case AgentKind.Traffic:
                Handle<PrepareTraffic, Handler<PrepareTraffic>>();
                Handle<DrillTraffic, Handler<DrillTraffic>>();
                Handle<ShiftTraffic, Handler<ShiftTraffic>>();
                Handle<CommitTraffic, Handler<CommitTraffic>>();
                Handle<RestoreTraffic, Handler<RestoreTraffic>>();
                Handle<ReleaseTraffic, Handler<ReleaseTraffic>>();
                break;
            default:
                Handle<PrepareMonitoring, Handler<PrepareMonitoring>>();
                Handle<WatchTraffic, Handler<WatchTraffic>>();
                break;
        }
    }

    protected override void AddAgentServices(IServiceCollection services, IConfiguration configuration)
    {
    }

    private sealed class Handler<TCommand>(AgentScript script) : IStepHandler<TCommand>
        where TCommand : class, IStepCommand
    {
        public Task<IStepEvent> RunAsync(StepContext<TCommand> context, CancellationToken cancellationToken) =>
            script.AnswerAsync(context.Command, context.Publisher, cancellationToken);
    }
}
