using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Fitness;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Splits;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent.Steps;

/// <summary>Sets a split: both sides must be fit, the balancer must hold what we left there, and it must report and serve the new split.</summary>
internal sealed class ShiftTrafficHandler(
    TrafficDriverCatalog drivers, TrafficIntents intents, TrafficMarks marks, TrafficRestorer restorer, FitnessProbe fitness, TimeProvider clock, ILogger<ShiftTrafficHandler> logger) : IStepHandler<ShiftTraffic>
{
    // A second foreign change within this time means that somebody else owns the split.
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ProbeBound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan GiveWayWithin = TimeSpan.FromSeconds(10);

    public async Task<IStepEvent> RunAsync(StepContext<ShiftTraffic> context, CancellationToken cancellationToken)
    {
        var (step, spec) = (context.Step, context.Command.Spec);
        var record = new TrafficRecord { UpgradeId = step.UpgradeId, Epoch = step.Epoch, Step = context.Command.TrafficStep, Split = context.Command.Split };
        marks.Admit(step.UpgradeId, step.Epoch);
        var driver = drivers.Create(spec.Traffic);
        await RequireFitnessAsync(spec, record.Split, cancellationToken);
        await StopAtForeignChangeAsync(driver, record, cancellationToken);

        var last = intents.Find(step.UpgradeId);
        var intent = TrafficIntent.Of(record, spec, isRestore: false, step) with { ReassertedAt = last?.ReassertedAt, HasShifted = last?.HasShifted == true };
        await context.ReportAsync($"moving to {record.Split.WeightY} % on Y", null, cancellationToken);
        marks.Admit(step.UpgradeId, step.Epoch);
        intents.Write(intent);
        await driver.ApplyAsync(record, overForeign: false, cancellationToken);
        await GiveWayAsync(intent);
        var verification = await driver.VerifyAsync(record, cancellationToken);
        var seen = await driver.ReadAsync(cancellationToken);
        if (!seen.Is(record))
        {
            throw TrafficFailures.NotInForce(record.Split, seen.ToString());
        }

        intents.End(intent, IntentState.Confirmed);
        return new TrafficShifted { Step = step, Agent = context.Agent, Split = seen.Split, TrafficStep = record.Step, ObservedShareY = verification.ShareY };
    }

    // A reflex, a dead-man switch or a person was at work at the same time. Not every balancer compares and sets, so ours may have been the last write.
    private async Task GiveWayAsync(TrafficIntent intent)
    {
        var record = intent.Record;
        try
        {
            marks.Admit(record.UpgradeId, record.Epoch);
        }
        catch (StepFailedException)
        {
            var end = record with { Step = TrafficRecord.EndOfEpoch, Split = TrafficSplit.AllOnX };
            await restorer.RestoreAsync(intent with { Record = end, IsRestore = true }, GiveWayWithin, RestoreTerms.OnVerdict, CancellationToken.None);
            throw;
        }
    }

    private async Task RequireFitnessAsync(UpgradeSpec spec, TrafficSplit split, CancellationToken cancellationToken)
    {
        const string consequence = "the split stays as it is";
        var askingX = fitness.ProbeFullyAsync(spec.From.Nodes, ProbeBound, cancellationToken);
        if (split.WeightY > 0)
        {
            var y = await fitness.ProbeFullyAsync(spec.To.Nodes, ProbeBound, cancellationToken);
            if (!y.IsWhole)
            {
                throw TrafficFailures.Unfit(ClusterSide.Y, y.Problems, consequence);
            }
        }

        // X too, and as a whole: it must be able to take all of it back at any moment.
        var x = await askingX;
        if (!x.IsWhole)
        {
            throw TrafficFailures.Unfit(ClusterSide.X, x.Problems, consequence);
        }
    }

    private async Task StopAtForeignChangeAsync(ITrafficDriver driver, TrafficRecord wanted, CancellationToken cancellationToken)
    {
        var seen = await driver.ReadAsync(cancellationToken);
        RecordGuard.AdmitRestore(seen, wanted);
        if (intents.Find(wanted.UpgradeId) is not { IsRestore: false, State: IntentState.Confirmed } last || last.Record.Epoch != wanted.Epoch)
        {
            return; // What is there is judged by the record in the balancer alone.
        }

        if (seen.IsOf(wanted.UpgradeId) && !seen.Tampered)
        {
            return;
        }

        // Less on Y than we left there may be a person who pulled the brake: never work against that.
        var again = last.ReassertedAt is { } at && clock.GetUtcNow() - at < Quiet;
        if (seen.Split.WeightY <= last.Record.Split.WeightY || again || (seen.Record is not null && !seen.IsOf(wanted.UpgradeId)))
        {
            throw TrafficFailures.Foreign(seen);
        }

        intents.Write(last with { ReassertedAt = clock.GetUtcNow() });
        await driver.ApplyAsync(last.Record, overForeign: true, cancellationToken);
        logger.SplitReasserted(wanted.UpgradeId, seen.ToString());
        throw TrafficFailures.Foreign(seen, mayRetry: true);
    }
}
