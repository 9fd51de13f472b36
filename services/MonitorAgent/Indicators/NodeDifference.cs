using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Does one node of Y answer 5xx far more often than its siblings? It alone fails nothing: what clients feel is judged over the cluster. It holds the step and names the node.</summary>
public sealed class NodeDifference : IIndicator
{
    private const string Name = "node-errors";

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var nodes = observation.Y.Nodes;
        if (nodes.GroupBy(static n => n.NodeId).FirstOrDefault(static g => g.Key is not null && g.Count() > 1) is { } twice)
        {
            yield return Finding.Of(Name, Verdict.Errored, $"Cluster Y: {string.Join(" and ", twice.Select(static n => n.Name))} are one and the same node; its requests are counted twice.");
        }
        else if (NodeErrors.Sick(nodes, observation.Thresholds) is { } sick)
        {
            yield return Finding.Of(Name, Verdict.Inconclusive, $"Cluster Y: {sick.Text}.", sick.RateOfOthers * 100, sick.Rate * 100);
        }
        else
        {
            yield return Finding.Of(Name, Verdict.Passed, nodes.Count > 1 ? "No node of cluster Y stands out by its 5xx." : "Cluster Y has one node.");
        }
    }
}
