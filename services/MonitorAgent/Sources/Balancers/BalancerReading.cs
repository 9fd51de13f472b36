using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers;

/// <summary>One try at reading one load balancer's counters.</summary>
/// <param name="X">Of cluster X since the balancer started.</param>
/// <param name="Y">Of cluster Y since the balancer started.</param>
/// <param name="Problem">What was wrong, a few words for people; null when nothing was. Then both counts say nothing.</param>
public sealed record BalancerReading(BalancerTally X, BalancerTally Y, string? Problem = null)
{
    /// <summary>It could not be read.</summary>
    public static BalancerReading Failed(string problem) => new(BalancerTally.None, BalancerTally.None, problem);
}
