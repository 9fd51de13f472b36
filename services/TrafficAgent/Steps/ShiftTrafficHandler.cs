using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Fitness;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Ownership;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Steps;

/// <summary>Sets a split: both sides must be fit, the balancer must hold what we left there, and it must report and serve the new split.</summary>
internal sealed class ShiftTrafficHandler(
    TrafficDriverCatalog drivers, TrafficIntents intents, TrafficMarks marks, TrafficRestorer restorer, ShiftFitness fitness, SplitOwnership ownership) : IStepHandler<ShiftTraffic>
{
    private static readonly TimeSpan GiveWayWithin = TimeSpan.FromSeconds(10);

    public async Task<IStepEvent> RunAsync(StepContext<ShiftTraffic> context, CancellationToken cancellationToken)
    {
        var (step, spec, command) = (context.Step, context.Command.Spec, context.Command);
        var record = new TrafficRecord { UpgradeId = step.UpgradeId, Epoch = step.Epoch, Step = command.TrafficStep, Split = command.Split };
        marks.Admit(step.UpgradeId, step.Epoch);
        var driver = drivers.Create(spec.Traffic);
        await fitness.RequireAsync(spec, record.Split, cancellationToken);
        await StopAtForeignChangeAsync(driver, record, command.OverForeign, cancellationToken);

        var last = intents.Find(step.UpgradeId);
        var intent = TrafficIntent.Of(record, spec, isRestore: false, step) with { ReassertedAt = last?.ReassertedAt, HasShifted = last?.HasShifted == true };
        await context.ReportAsync($"moving to {record.Split.WeightY} % on Y", null, cancellationToken);
        marks.Admit(step.UpgradeId, step.Epoch);
        intents.Write(intent);
        await driver.ApplyAsync(record, command.OverForeign, cancellationToken);
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
