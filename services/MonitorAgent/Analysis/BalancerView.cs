namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>All that is known from the declared load balancers at one moment of a watch.</summary>
/// <param name="Ticks">The latest intervals, the oldest first.</param>
/// <param name="X">What they saw of cluster X since the watch began.</param>
/// <param name="Y">The same of cluster Y.</param>
/// <param name="Rises">Where the evidence suffices that Y is worse than X.</param>
public sealed record BalancerView(IReadOnlyList<BalancerTick> Ticks, BalancerTally X, BalancerTally Y, IReadOnlyList<BalancerKind> Rises)
{
    /// <summary>The last interval.</summary>
    public BalancerMoment Now => Ticks[^1].Seen;

    /// <summary>What they saw of both clusters in the intervals that ended after <paramref name="start"/>.</summary>
    public (BalancerTally X, BalancerTally Y) After(TimeSpan start)
    {
        var ticks = Ticks.Where(t => t.At > start).ToList();
        return (BalancerTally.Sum(ticks.Select(static t => t.Seen.X)), BalancerTally.Sum(ticks.Select(static t => t.Seen.Y)));
    }
}
