using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Are there targets that X uses and Y does not? Marks of health live in a node's memory, so a difference that passes is ordinary.</summary>
public sealed class Targets : IIndicator
{
    private const string Name = "targets";

    // Each node checks on its own beat: of a target that dies for both clusters Y may hear first.
    private static readonly TimeSpan Learning = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var (ofX, ofY) = (observation.X.Nodes.Where(static n => n.Targets.Count > 0).ToList(), observation.Y.Nodes.Where(static n => n.Targets.Count > 0).ToList());
        if (!observation.NeedsX || ofX.Count == 0 || ofY.Count == 0)
        {
            yield return Finding.NotCompared(Name, $"Targets of upstreams are not compared: {(ofY.Count == 0 ? "cluster Y" : "cluster X")} says nothing of them (Kong 3 does with upstream_health_metrics).");
            yield break;
        }

        var usedByX = ofX.SelectMany(static n => n.Targets).Where(static t => t.UnusedSince is null).Select(static t => t.Target).ToHashSet();
        var lost = usedByX.Where(t => ofY.Any(n => Unused(n, t) is not null)).OrderBy(static t => t.Upstream).ThenBy(static t => t.Target).ToList();
        if (lost.Count == 0)
        {
            yield return Finding.Of(Name, Verdict.Passed, $"Cluster Y uses every target that cluster X uses ({usedByX.Count}).");
            yield break;
        }

        var dead = lost.Select(static t => t.Upstream).Distinct().FirstOrDefault(upstream => ofY.All(n => IsDead(n, upstream)));
        var deadSince = ofY.Max(n => n.Targets.Where(t => t.Target.Upstream == dead).Select(static t => t.UnusedSince).OfType<TimeSpan>().DefaultIfEmpty(observation.Elapsed).Max());
        var fails = dead is not null && observation.HasTrafficY && observation.Elapsed - deadSince >= Learning;
        yield return Finding.Of(
            Name,
            fails ? Verdict.Failed : Verdict.Inconclusive,
            $"Healthy on cluster X, not on Y: {string.Join(", ", lost.Take(5).Select(t => Text(ofY, t)))}{(lost.Count > 5 ? $" and {lost.Count - 5} more" : "")}"
                + $"{(dead is null ? "" : $"; no node of Y has a target left for {dead}")}.",
            usedByX.Count,
            usedByX.Count - lost.Count,
            fails ? deadSince : null);
    }

    private static TargetState? Unused(NodeState node, UpstreamTarget target) => node.Targets.FirstOrDefault(t => t.Target == target && t.UnusedSince is not null);

    private static bool IsDead(NodeState node, string upstream)
    {
        var targets = node.Targets.Where(t => t.Target.Upstream == upstream).ToList();
        return targets.Count > 0 && targets.TrueForAll(static t => t.UnusedSince is not null);
    }

    private static string Text(IEnumerable<NodeState> nodes, UpstreamTarget target)
    {
        var node = nodes.First(n => Unused(n, target) is not null);
        return $"{target.Target} of {target.Upstream} (on {node.Name}: {(Unused(node, target)!.Health == TargetHealth.DnsError ? "its name does not resolve" : "unhealthy")})";
    }
}
