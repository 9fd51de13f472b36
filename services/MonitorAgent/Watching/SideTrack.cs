using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sources;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>Follows one cluster over a watch. Safe for readings from several threads.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="kept">How much of the past is kept interval by interval.</param>
public sealed class SideTrack(ClusterSpec cluster, TimeSpan kept)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, NodeTrack> _nodes = cluster.Nodes.ToDictionary(static n => n.Name, n => new NodeTrack(n, kept));
    private readonly List<SideTick> _ticks = [];
    private readonly TrafficTally _sinceStart = new();
    private TimeSpan _closedAt;

    /// <summary>Takes a reading of one of the cluster's nodes.</summary>
    public void Record(NodeReading reading, TimeSpan at)
    {
        lock (_gate)
        {
            _nodes[reading.Node].Record(reading, at);
        }
    }

    /// <summary>Closes the interval that ends at <paramref name="at"/> and says what is known.</summary>
    public SideView Close(TimeSpan at)
    {
        lock (_gate)
        {
            var tally = TrafficTally.Sum(_nodes.Values.Select(n => n.Take(at)));
            _ticks.Add(new SideTick(at, at - _closedAt, tally));
            _sinceStart.Add(tally);
            _closedAt = at;
            _ticks.RemoveAll(t => t.At <= at - kept);
            return new SideView([.. _nodes.Values.Select(static n => n.State)], [.. _ticks], TrafficTally.Sum([_sinceStart]));
        }
    }
}
