using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Steps;

/// <summary>Writes into the balancer itself that this epoch's traffic stays on Y, where every agent, also one that is cut off now, looks before it acts alone.</summary>
internal sealed class CommitTrafficHandler(TrafficDriverCatalog drivers, TrafficIntents intents, TrafficMarks marks) : IStepHandler<CommitTraffic>
{
    private static readonly TrafficSplit AllOnY = new() { WeightY = 100 };

    public async Task<IStepEvent> RunAsync(StepContext<CommitTraffic> context, CancellationToken cancellationToken)
    {
        var (step, spec) = (context.Step, context.Command.Spec);
        var record = new TrafficRecord { UpgradeId = step.UpgradeId, Epoch = step.Epoch, Step = TrafficRecord.EndOfEpoch, Split = AllOnY };
        marks.Admit(step.UpgradeId, step.Epoch);
        var driver = drivers.Create(spec.Traffic);
        var seen = await driver.ReadAsync(cancellationToken);
        if (seen.Tampered || !seen.IsOf(step.UpgradeId) || seen.Record!.Epoch != step.Epoch || seen.Split != AllOnY)
        {
            throw TrafficFailures.NotCommittable(seen);
        }

        var known = intents.Find(step.UpgradeId);
        var intent = TrafficIntent.Of(record, spec, isRestore: false, known?.Shift ?? step) with { HasShifted = known?.HasShifted == true };
        intents.Write(intent);
        await driver.ApplyAsync(record, overForeign: false, cancellationToken);
        await driver.VerifyAsync(record, cancellationToken);
        seen = await driver.ReadAsync(cancellationToken);
        if (!seen.Is(record))
        {
            throw TrafficFailures.NotCommittable(seen);
        }

        intents.End(intent, IntentState.Confirmed);
        return new TrafficCommitted { Step = step, Agent = context.Agent, Split = seen.Split };
    }
}
