using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Hosting.Agents;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.DeployAgent.Carrying;

/// <summary>Tells cluster Y what cluster X has counted and issued. Only doubt about whose database it is ends the step; anything else is reported and the upgrade goes on.</summary>
internal sealed class CarryRuntimeStateHandler(IOptions<DeployOptions> options, TimeProvider clock) : IStepHandler<CarryRuntimeState>
{
    public async Task<IStepEvent> RunAsync(StepContext<CarryRuntimeState> context, CancellationToken cancellationToken)
    {
        var spec = context.Command.Spec;
        var databases = new ClusterDatabases(spec);
        await new TargetDatabase(databases, context.Step.UpgradeId).EnsureOwnAsync(cancellationToken);
        await context.ReportAsync("carrying counters and tokens to cluster Y", null, cancellationToken);
        var carry = new RuntimeStateCarry(databases, LimitOf(context.Command.Timeout), clock);
        await carry.RunAsync(spec.RuntimeState, cancellationToken);
        return new RuntimeStateCarried { Step = context.Step, Agent = context.Agent, Tables = carry.Tables, Findings = carry.Findings };
    }

    // A step that runs out of its own time has failed; this one ends before, with what it has carried.
    private TimeSpan LimitOf(TimeSpan step) => step / 2 < options.Value.CarryTimeout ? step / 2 : options.Value.CarryTimeout;
}
