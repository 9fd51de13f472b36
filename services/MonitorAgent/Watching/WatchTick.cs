using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Probing;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>All that one more judgement of a watch is made from.</summary>
/// <param name="At">End of the interval, since the watch began.</param>
/// <param name="Length">Its length.</param>
/// <param name="X">Cluster X.</param>
/// <param name="Y">Cluster Y.</param>
public sealed record WatchTick(TimeSpan At, TimeSpan Length, SideMoment X, SideMoment Y)
{
    /// <summary>How the spec's probes fare, by name; those that have not been answered yet are missing.</summary>
    public IReadOnlyDictionary<string, ProbeState> Probes { get; init; } = new Dictionary<string, ProbeState>();

    /// <summary>What load balancers saw; null when the spec declares none.</summary>
    public BalancerMoment? Balancer { get; init; }

    /// <summary>What is known of the rate limits; null until it is known.</summary>
    public RateLimits? Limits { get; init; }
}
