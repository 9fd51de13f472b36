using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Splits;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent.Ownership;

/// <summary>Decides whose a split is, and puts ours back where that may be done; the same for a shift that is asked for and for the watch beside it.</summary>
public sealed class SplitOwnership(TrafficIntents intents, TrafficRestorer restorer, TimeProvider clock, ILogger<SplitOwnership> logger)
{
    /// <summary>A second foreign change within this time means that somebody else owns the split.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    /// <summary>For so long after a restore X is put back over foreign changes. A rollback ends within; should the agent never hear of its end, the split is free all the same.</summary>
    public static readonly TimeSpan RestoreDefended = TimeSpan.FromHours(1);

    private static readonly TimeSpan RestoreBound = TimeSpan.FromSeconds(10);

    /// <summary>Compares what the balancer reports with the confirmed intent, and puts ours back over a foreign change where the spec and the direction allow it.</summary>
    /// <param name="driver">The balancer's driver.</param>
    /// <param name="last">The newest intent of the upgrade, confirmed.</param>
    /// <param name="seen">What the balancer reported just now.</param>
    /// <param name="cancellationToken">Cancels it; what the balancer was told stays.</param>
    /// <exception cref="StepFailedException">Ours could not be put back.</exception>
    public async Task<SplitFinding> DefendAsync(ITrafficDriver driver, TrafficIntent last, ObservedTraffic seen, CancellationToken cancellationToken)
    {
        if (IsOurs(last, seen))
        {
            return SplitFinding.Ours;
        }

        if (seen.IsOf(last.Record.UpgradeId) && !seen.Tampered && last.Record.IsOlderThan(seen.Record!))
        {
            return SplitFinding.MovedOn;
        }

        if (!MayReassert(last, seen))
        {
            return SplitFinding.Foreign;
        }

        var now = clock.GetUtcNow();
        if (!intents.TryChange(last, current => current with { ReassertedAt = now }))
        {
            return SplitFinding.MovedOn; // A command came between the reading and now; it judges by itself.
        }

        await (last.IsRestore ? RestoreAsync(last with { ReassertedAt = now }, cancellationToken) : driver.ApplyAsync(last.Record, overForeign: true, cancellationToken));
        logger.SplitReasserted(last.Record.UpgradeId, seen.ToString());
        return SplitFinding.Reasserted;
    }

    /// <summary>Whether a foreign change was overwritten so shortly before that the next one means war.</summary>
    public bool IsContested(TrafficIntent last) => last.ReassertedAt is { } at && clock.GetUtcNow() - at < Quiet;

    private static bool IsOurs(TrafficIntent last, ObservedTraffic seen) =>
        // All on X is all on X, whoever wrote it there.
        last.IsRestore ? seen.Split.WeightY == 0 : seen.Is(last.Record);

    private bool MayReassert(TrafficIntent last, ObservedTraffic seen)
    {
        if (seen is { Record: not null, Tampered: false } && !seen.IsOf(last.Record.UpgradeId))
        {
            return false; // Another upgrade's: that balancer leads a later life.
        }

        if (last.IsRestore)
        {
            // A drill ends in the midst of its run, whose next command may already be on its way.
            return !last.IsDrill && last.ConfirmedAt is { } at && clock.GetUtcNow() - at < RestoreDefended;
        }

        if (seen.HasLapsed)
        {
            return !IsContested(last); // Nobody else's doing, so there is nobody to work against.
        }

        // Less on Y than we left there may be a person who pulled the brake: never work against that.
        return last.Traffic.OnForeignChange == ForeignChangeChoice.Reassert && seen.Split.WeightY > last.Record.Split.WeightY && !IsContested(last);
    }

    private async Task RestoreAsync(TrafficIntent last, CancellationToken cancellationToken)
    {
        try
        {
            await restorer.RestoreAsync(last, RestoreBound, RestoreTerms.Commanded, cancellationToken);
        }
        catch (StepFailedException)
        {
            // Nobody asks for this restore again: it stays what is defended, and the next look tries anew.
            intents.TryChange(last, static current => current with { State = IntentState.Confirmed });
            throw;
        }
    }
}
