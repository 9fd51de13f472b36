using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Steps;

/// <summary>Puts all traffic on X for as long as the step may take.</summary>
internal sealed class RestoreTrafficHandler(TrafficRestorer restorer) : IStepHandler<RestoreTraffic>
{
    // The rest is for reporting the true reason instead of a bare "timed out".
    private const double ShareOfTimeout = 0.9;

    public async Task<IStepEvent> RunAsync(StepContext<RestoreTraffic> context, CancellationToken cancellationToken)
    {
        var step = context.Step;
        var record = new TrafficRecord { UpgradeId = step.UpgradeId, Epoch = step.Epoch, Step = 0, Split = TrafficSplit.AllOnX };
        var took = await restorer.RestoreAsync(TrafficIntent.Of(record, context.Command.Spec, isRestore: true, step), context.Command.Timeout * ShareOfTimeout, RestoreTerms.Commanded, cancellationToken);
        return new TrafficRestored { Step = step, Agent = context.Agent, Split = TrafficSplit.AllOnX, Took = took };
    }
}
