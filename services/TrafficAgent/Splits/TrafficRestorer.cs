using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Fitness;
using KongUpgradeMesh.TrafficAgent.Intents;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent.Splits;

/// <summary>The one way back to X. Needs the load balancer alone: it asks X's and Y's proxies for at most a moment, and waits for nobody else.</summary>
public sealed class TrafficRestorer(TrafficDriverCatalog drivers, TrafficIntents intents, FitnessProbe fitness, TimeProvider clock, ILogger<TrafficRestorer> logger)
{
    private const int UnfitBeforeHold = 3;
    private static readonly TimeSpan ProbeBound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Tries until the balancer reports all traffic on X, or nothing may be done, or the time is up.</summary>
    /// <param name="intent">The restore.</param>
    /// <param name="within">How long it is tried.</param>
    /// <param name="terms">What must hold first.</param>
    /// <param name="cancellationToken">Cancels it; what the balancer was told stays.</param>
    /// <returns>How long it took until the balancer reported it.</returns>
    /// <exception cref="StepFailedException">The last reason why not.</exception>
    public async Task<TimeSpan> RestoreAsync(TrafficIntent intent, TimeSpan within, RestoreTerms terms, CancellationToken cancellationToken)
    {
        var driver = drivers.Create(intent.Traffic);
        var started = clock.GetTimestamp();
        var (pause, unfit) = (FirstPause, 0);
        var known = intents.Find(intent.Record.UpgradeId);
        intent = intent with { HasShifted = known?.HasShifted == true, Shift = intent.Shift ?? known?.Shift };
        NoteIntent(intent);
        while (true)
        {
            try
            {
                return await TryAsync(driver, intent, terms, started, cancellationToken);
            }
            catch (StepFailedException exception)
            {
                var code = exception.Failure.Code;
                unfit = code == FailureCodes.ClusterUnfit ? unfit + 1 : 0;
                if (code is FailureCodes.StepSuperseded or FailureCodes.SplitForeign || unfit >= UnfitBeforeHold)
                {
                    intents.End(intent, IntentState.Dropped);
                    throw;
                }

                if (clock.GetElapsedTime(started) + pause >= within)
                {
                    throw; // The intent stays open: the coordinator asks again, or this agent finishes it when it starts anew.
                }

                logger.RestoreTriedAgain(intent.Record.UpgradeId, code, pause, exception);
            }

            await Task.Delay(pause, clock, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<TimeSpan> TryAsync(ITrafficDriver driver, TrafficIntent intent, RestoreTerms terms, long started, CancellationToken cancellationToken)
    {
        var record = intent.Record;
        if (await TryReadAsync(driver, terms, cancellationToken) is { } seen)
        {
            RecordGuard.AdmitRestore(seen, record);
            if (terms.OwnRecordOnly && !seen.IsOf(record.UpgradeId))
            {
                throw TrafficFailures.Foreign(seen);
            }

            if (seen.Split.WeightY > 0)
            {
                // A split that never was ours may belong to clusters with other roles: "all on X" could then mean "all on what is gone".
                var mayBeOurs = intent.HasShifted && seen is not { Record: not null, Tampered: false };
                if (!seen.IsOf(record.UpgradeId) && !mayBeOurs && !terms.EvenForeign)
                {
                    throw TrafficFailures.Foreign(seen);
                }

                await RequireFitnessAsync(intent, terms, cancellationToken);
            }

            if (seen.IsOf(record.UpgradeId) && !seen.Tampered && seen.Record!.Epoch == record.Epoch && (!intent.IsDrill || seen.Record.Step == TrafficRecord.EndOfEpoch))
            {
                record = record with { Step = Math.Max(record.Step, seen.Record.Step) }; // A late shift of the same step stays refused; after a drill the first one follows.
            }
        }
        else
        {
            await RequireFitnessAsync(intent, terms, cancellationToken);
        }

        await driver.RestoreAsync(record, cancellationToken);
        var took = clock.GetElapsedTime(started);
        await driver.VerifyAsync(record, cancellationToken);
        intents.End(intent, IntentState.Confirmed);
        return took;
    }

    private static async Task<ObservedTraffic?> TryReadAsync(ITrafficDriver driver, RestoreTerms terms, CancellationToken cancellationToken)
    {
        try
        {
            return await driver.ReadAsync(cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.BalancerRefused && !terms.OwnRecordOnly)
        {
            return null;
        }
    }

    private async Task RequireFitnessAsync(TrafficIntent intent, RestoreTerms terms, CancellationToken cancellationToken)
    {
        if (terms.EvenUnfit)
        {
            return;
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var askingY = fitness.ProbeProxiesAsync(intent.NodesY, ProbeBound, enough.Token);
        var x = await fitness.ProbeProxiesAsync(intent.NodesX, ProbeBound, cancellationToken);
        if (x.Answers)
        {
            await enough.CancelAsync();
            await ((Task)askingY).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        var y = await askingY;
        if (terms.EvenBlind && x.IsUnknown && !y.Answers)
        {
            // Neither can be asked from here: that speaks of this agent's network, not of X. The order counts.
            logger.RestoredBlind(intent.Record.UpgradeId);
            return;
        }

        throw TrafficFailures.Unfit(ClusterSide.X, x.Problems, y.Answers ? "cluster Y answers, so traffic stays where it is" : "cluster Y is sick too, so traffic stays where it is");
    }

    private void NoteIntent(TrafficIntent intent)
    {
        try
        {
            intents.Write(intent);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk of the agent must not keep traffic on a broken Y.
            logger.IntentNotWritten(intent.Record.UpgradeId, exception);
        }
    }
}
