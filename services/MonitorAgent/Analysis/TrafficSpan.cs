namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>What happened in a stretch of time.</summary>
/// <param name="Length">How long.</param>
/// <param name="Tally">What.</param>
public sealed record TrafficSpan(TimeSpan Length, TrafficTally Tally)
{
    /// <summary>Adds intervals up.</summary>
    public static TrafficSpan Of(IEnumerable<SideTick> ticks)
    {
        var list = ticks as IReadOnlyCollection<SideTick> ?? [.. ticks];
        return new TrafficSpan(
            list.Aggregate(TimeSpan.Zero, static (sum, t) => sum + t.Length),
            TrafficTally.Sum(list.Select(static t => t.Tally)));
    }
}
