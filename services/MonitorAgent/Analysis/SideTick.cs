namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>What one cluster did in one interval.</summary>
/// <param name="At">End of the interval, since the watch began.</param>
/// <param name="Length">Its length.</param>
/// <param name="Tally">What happened.</param>
public sealed record SideTick(TimeSpan At, TimeSpan Length, TrafficTally Tally)
{
    /// <summary>Start of the interval, since the watch began.</summary>
    public TimeSpan Began => At - Length;
}
