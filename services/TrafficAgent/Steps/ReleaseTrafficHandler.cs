using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Intents;

namespace KongUpgradeMesh.TrafficAgent.Steps;

/// <summary>Lets go of the split of an upgrade that has ended; the balancer keeps what it has.</summary>
internal sealed class ReleaseTrafficHandler(TrafficIntents intents) : IStepHandler<ReleaseTraffic>
{
    public Task<IStepEvent> RunAsync(StepContext<ReleaseTraffic> context, CancellationToken cancellationToken)
    {
        intents.Release(context.Step.UpgradeId, context.Step.Epoch);
        return Task.FromResult<IStepEvent>(new TrafficReleased { Step = context.Step, Agent = context.Agent });
    }
}
