using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Intents;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent.Steps;

/// <summary>Lets go of the split of an upgrade that has ended; the balancer keeps it, and gets back what was changed for the upgrade's sake alone.</summary>
internal sealed class ReleaseTrafficHandler(TrafficDriverCatalog drivers, TrafficIntents intents, TimeProvider clock, ILogger<ReleaseTrafficHandler> logger) : IStepHandler<ReleaseTraffic>
{
    private const double ShareOfTimeout = 0.8;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public async Task<IStepEvent> RunAsync(StepContext<ReleaseTraffic> context, CancellationToken cancellationToken)
    {
        var (step, started) = (context.Step, clock.GetTimestamp());
        intents.Release(step.UpgradeId, step.Epoch);
        while (await TryReleaseAsync(context, cancellationToken) is { } failure)
        {
            if (!failure.IsTransient || clock.GetElapsedTime(started) + Pause > context.Command.Timeout * ShareOfTimeout)
            {
                break; // Nobody waits for this step, and the upgrade has ended well without it.
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }

        return new TrafficReleased { Step = step, Agent = context.Agent };
    }

    private async Task<Failure?> TryReleaseAsync(StepContext<ReleaseTraffic> context, CancellationToken cancellationToken)
    {
        try
        {
            await drivers.Create(context.Command.Spec.Traffic).ReleaseAsync(context.Step.UpgradeId, context.Step.Epoch, cancellationToken);
            return null;
        }
        catch (StepFailedException exception)
        {
            logger.BalancerNotReleased(context.Step.UpgradeId, exception);
            return exception.Failure;
        }
    }
}
