using KongUpgradeMesh.Contracts;
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

/// <summary>Goes the smallest way to Y and takes the one way back to X, as a rollback does; both proven and timed.</summary>
internal sealed class DrillTrafficHandler(TrafficDriverCatalog drivers, TrafficIntents intents, TrafficMarks marks, ShiftFitness fitness, TrafficRestorer restorer, TimeProvider clock, ILogger<DrillTrafficHandler> logger)
    : IStepHandler<DrillTraffic>
{
    private const int AllOrNothing = 100;

    // The rest is for reporting the true reason instead of a bare "timed out".
    private const double ShareOfTimeout = 0.5;
    private static readonly TimeSpan ShortReturn = TimeSpan.FromSeconds(5);

    public async Task<IStepEvent> RunAsync(StepContext<DrillTraffic> context, CancellationToken cancellationToken)
    {
        var (step, spec) = (context.Step, context.Command.Spec);
        var driver = drivers.Create(spec.Traffic);
        var drilled = new TrafficDrilled { Step = step, Agent = context.Agent, Split = null, Lag = driver.Capabilities.Lag };
        if (driver.Capabilities.Granularity >= AllOrNothing)
        {
            return drilled with { SkippedBecause = $"{spec.Traffic.Driver} can only move all or nothing with these settings" };
        }

        var split = new TrafficSplit { WeightY = driver.Capabilities.Granularity };
        await fitness.RequireAsync(spec, split, cancellationToken);
        await context.ReportAsync($"trying the way back: {split.WeightY} % to Y and back", null, cancellationToken);
        var (forth, share) = await GoAsync(driver, context, split, cancellationToken);
        return drilled with { Split = split, TookForth = forth, ObservedShareY = share, TookBack = await ReturnAsync(context, context.Command.Timeout * ShareOfTimeout, cancellationToken) };
    }

    private async Task<(TimeSpan Took, double? Share)> GoAsync(ITrafficDriver driver, StepContext<DrillTraffic> context, TrafficSplit split, CancellationToken cancellationToken)
    {
        // Step 1 although the first shift is that too: the return writes step 0 again.
        var record = new TrafficRecord { UpgradeId = context.Step.UpgradeId, Epoch = context.Step.Epoch, Step = 1, Split = split };
        var intent = TrafficIntent.Of(record, context.Command.Spec, isRestore: false, context.Step) with
        {
            IsDrill = true, HasShifted = intents.Find(record.UpgradeId)?.HasShifted == true,
        };
        marks.Admit(record.UpgradeId, record.Epoch);
        intents.Write(intent);
        try
        {
            var started = clock.GetTimestamp();
            await driver.ApplyAsync(record, overForeign: false, cancellationToken);
            var took = clock.GetElapsedTime(started);

            // A reflex or a person may have been at work at the same time; then ours must not have the last word.
            marks.Admit(record.UpgradeId, record.Epoch);
            var verification = await driver.VerifyAsync(record, cancellationToken);
            var seen = await driver.ReadAsync(cancellationToken);
            if (!seen.Is(record))
            {
                throw TrafficFailures.NotInForce(split, seen.ToString());
            }

            intents.End(intent, IntentState.Confirmed);
            return (took, verification.ShareY);
        }
        catch (StepFailedException)
        {
            await TryReturnAsync(context, cancellationToken);
            throw;
        }
    }

    private async Task TryReturnAsync(StepContext<DrillTraffic> context, CancellationToken cancellationToken)
    {
        try
        {
            await ReturnAsync(context, ShortReturn, cancellationToken);
        }
        catch (StepFailedException exception)
        {
            // Why the drill failed is what counts; the rollback that follows tries for ever.
            logger.DrillNotReturned(context.Step.UpgradeId, exception);
        }
    }

    private Task<TimeSpan> ReturnAsync(StepContext<DrillTraffic> context, TimeSpan within, CancellationToken cancellationToken)
    {
        var record = new TrafficRecord { UpgradeId = context.Step.UpgradeId, Epoch = context.Step.Epoch, Step = 0, Split = TrafficSplit.AllOnX };
        var intent = TrafficIntent.Of(record, context.Command.Spec, isRestore: true, context.Step) with { IsDrill = true };
        return restorer.RestoreAsync(intent, within, RestoreTerms.Commanded, cancellationToken);
    }
}
