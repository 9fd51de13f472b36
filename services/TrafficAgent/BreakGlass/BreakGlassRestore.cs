using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Stops;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.TrafficAgent.BreakGlass;

/// <summary>Puts all traffic on X by a person's word.</summary>
internal static class BreakGlassRestore
{
    /// <summary>The splits that are meant: the one that is on, or every one. Empty when none is.</summary>
    /// <exception cref="BreakGlassRefusedException">Several are on and it was not said which.</exception>
    public static IReadOnlyList<KnownSplit> Choose(IReadOnlyList<KnownSplit> found, bool all, bool force)
    {
        // Somebody's split may be meant where the spec named the balancer.
        List<KnownSplit> on = [.. found.Where(s => s.MayBeOn || (force && found.Count == 1 && s.Seen is null or { Split.WeightY: > 0 }))];
        if (on.Count == 0 && found is [{ Seen: { Split.WeightY: > 0 } foreign } only])
        {
            throw new BreakGlassRefusedException(new Failure
            {
                Code = FailureCodes.SplitForeign,
                Message = $"The load balancer carries a split that is not known to be an upgrade's: {foreign}.",
                Remedy = $"If cluster X of upgrade {only.Upgrade} must take all traffic: kum-traffic restore --force.",
            });
        }

        if (on.Count > 1 && !all)
        {
            throw new BreakGlassRefusedException(new Failure
            {
                Code = FailureCodes.CommandNotPossible,
                Message = $"{on.Count} splits are on, and it was not said which is meant.",
                Remedy = "Say --upgrade ID, or --all.",
                Details = [.. on.Select(static s => $"{s.Upgrade}  {s.Cluster}: {s.Seen?.ToString() ?? s.Failure!.Message}")],
            });
        }

        return on;
    }

    /// <summary>Restores one.</summary>
    public static async Task<RestoreOutcome> RunAsync(KnownSplit split, bool force, TimeSpan within, CancellationToken cancellationToken)
    {
        var own = split.Seen?.IsOf(split.Upgrade) == true ? split.Seen.Record : null;
        var epoch = Math.Max(1, Math.Max(own?.Epoch ?? 0, split.Known.Record.Epoch));
        var newest = own ?? split.Known.Record;
        if (newest.IsCommitted)
        {
            if (!force)
            {
                var refused = TrafficFailures.Committed(split.Seen ?? new ObservedTraffic(newest.Split, newest, Tampered: false), newest with { Split = TrafficSplit.AllOnX });
                return new RestoreOutcome(split.Upgrade, split.Cluster, split.Known.Traffic.Driver, split.Seen?.ToString(), false, epoch, null, false, false, refused.Failure);
            }

            epoch++; // Only a later epoch leads back from a commitment.
        }

        var result = await split.Agent.GetRequiredService<TrafficStop>().RunAsync(
            new StopOrder
            {
                Known = split.Known with { Shift = split.Known.Shift ?? throw Unknown(split.Known) },
                Epoch = epoch,
                Cause = StopCause.BreakGlass,
                Reason = $"{Environment.UserName} ran kum-traffic restore{(force ? " --force" : "")} on {Environment.MachineName}.",
                Terms = force ? RestoreTerms.Forced : RestoreTerms.Commanded,
                Within = within,
            },
            cancellationToken);
        return new RestoreOutcome(
            split.Upgrade, split.Cluster, split.Known.Traffic.Driver, split.Seen?.ToString(), result.Failure is null, epoch, result.Took, result.IsMarked, result.WillBeReported, result.Failure);
    }

    private static BreakGlassRefusedException Unknown(TrafficIntent known) => new(new Failure
    {
        Code = FailureCodes.CommandNotPossible,
        Message = $"Upgrade {known.Record.UpgradeId} was never shifted from here.",
        Remedy = "Give the upgrade's spec: kum-traffic restore --spec FILE.",
    });
}
