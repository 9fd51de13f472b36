using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Fitness;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Ownership;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Steps;

/// <summary>The one way to more traffic on Y, of a whole step or of one increment: both sides must be fit, the balancer must hold what we left there, and whoever put X back has the last word.</summary>
internal sealed class SplitSetting(TrafficIntents intents, TrafficMarks marks, TrafficRestorer restorer, ShiftFitness fitness, SplitOwnership ownership)
{
    private static readonly TimeSpan GiveWayWithin = TimeSpan.FromSeconds(10);

    /// <summary>Puts a split in force.</summary>
    /// <param name="driver">The balancer's driver.</param>
    /// <param name="command">The step that it is a part of.</param>
    /// <param name="split">The split.</param>
    /// <param name="overForeign">Whether somebody else's split is replaced.</param>
    /// <param name="cancellationToken">Cancels it; what the balancer was told stays.</param>
    /// <returns>The intent, which the caller ends.</returns>
    /// <exception cref="StepFailedException">It may not or cannot be done.</exception>
    public async Task<TrafficIntent> SetAsync(ITrafficDriver driver, ShiftTraffic command, TrafficSplit split, bool overForeign, CancellationToken cancellationToken)
    {
        var step = command.Step;
        var record = new TrafficRecord { UpgradeId = step.UpgradeId, Epoch = step.Epoch, Step = command.TrafficStep, Split = split };
        marks.Admit(step.UpgradeId, step.Epoch);
        await fitness.RequireAsync(command.Spec, split, cancellationToken);
        await StopAtForeignChangeAsync(driver, record, overForeign, cancellationToken);

        var last = intents.Find(step.UpgradeId);
        var intent = TrafficIntent.Of(record, command.Spec, isRestore: false, step) with { ReassertedAt = last?.ReassertedAt, HasShifted = last?.HasShifted == true };
        marks.Admit(step.UpgradeId, step.Epoch);
        intents.Write(intent);
        await driver.ApplyAsync(record, overForeign, cancellationToken);
        await GiveWayAsync(intent);
        return intent;
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

    private async Task StopAtForeignChangeAsync(ITrafficDriver driver, TrafficRecord wanted, bool overForeign, CancellationToken cancellationToken)
    {
        var seen = await driver.ReadAsync(cancellationToken);
        RecordGuard.AdmitRestore(seen, wanted);
        if (overForeign)
        {
            if (seen is { Record: not null, Tampered: false } && !seen.IsOf(wanted.UpgradeId))
            {
                throw TrafficFailures.Foreign(seen);
            }

            return;
        }

        if ((seen.IsOf(wanted.UpgradeId) && !seen.Tampered)
            || intents.Find(wanted.UpgradeId) is not { IsRestore: false, State: IntentState.Confirmed } last || last.Record.Epoch != wanted.Epoch)
        {
            return; // What is there is judged by the record in the balancer alone.
        }

        switch (await ownership.DefendAsync(driver, last, seen, cancellationToken))
        {
            case SplitFinding.Foreign:
                throw TrafficFailures.Foreign(seen);
            case SplitFinding.Reasserted:
                throw TrafficFailures.Foreign(seen, mayRetry: true);
        }
    }
}
