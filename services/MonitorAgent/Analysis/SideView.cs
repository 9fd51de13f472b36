using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>All that is known of one cluster at one moment of a watch.</summary>
/// <param name="Nodes">Its nodes, each of the spec.</param>
/// <param name="Ticks">The latest intervals, the oldest first; at least twice the window where so much is known.</param>
/// <param name="SinceStart">What happened since the watch began.</param>
public sealed record SideView(IReadOnlyList<NodeState> Nodes, IReadOnlyList<SideTick> Ticks, TrafficTally SinceStart)
{
    /// <summary>What traffic cannot be judged without.</summary>
    public const MetricFamilies NeededFamilies = MetricFamilies.Requests | MetricFamilies.RequestLatency | MetricFamilies.NginxRequests;

    /// <summary>Whether every node was read at least once and all are ready.</summary>
    public bool AllSeen => Nodes.All(static n => n.ReadAt is not null && n.Ready);

    /// <summary>Needed kinds of metric that no node of the cluster shows.</summary>
    public MetricFamilies Missing => NeededFamilies & ~Nodes.Aggregate(MetricFamilies.None, static (all, n) => all | n.Families);

    /// <summary>The same without the requests of some routes.</summary>
    public SideView Without(Func<RouteKey, bool> left) =>
        this with { Ticks = [.. Ticks.Select(t => t with { Tally = t.Tally.Without(left) })], SinceStart = SinceStart.Without(left) };

    /// <summary>The intervals that ended after <paramref name="start"/>.</summary>
    public TrafficSpan After(TimeSpan start) => TrafficSpan.Of(Ticks.Where(t => t.At > start));
}
