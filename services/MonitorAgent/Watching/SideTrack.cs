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

    /// <summary>Takes a reading of one of the cluster's nodes.</summary>
    public void Record(NodeReading reading, TimeSpan at)
    {
        lock (_gate)
        {
            _nodes[reading.Node].Record(reading, at);
        }
    }

    /// <summary>Takes what is known of the nodes now and what they did since it was last taken.</summary>
    /// <param name="at">The end of the interval, since the watch began.</param>
    public SideMoment Take(TimeSpan at)
    {
        lock (_gate)
        {
            // In this order: what a node did lately contains what is taken now.
            var tally = TrafficTally.Sum(_nodes.Values.Select(n => n.Take(at)));
            return new SideMoment([.. _nodes.Values.Select(static n => n.State)], tally);
        }
    }

    /// <summary>Adds an interval that ends at <paramref name="at"/> and says what is known of the cluster with it.</summary>
    public SideView Add(SideMoment moment, TimeSpan at, TimeSpan length)
    {
        _ticks.Add(new SideTick(at, length, moment.Tally));
        _sinceStart.Add(moment.Tally);
        _ticks.RemoveAll(t => t.At <= at - kept);
        return new SideView(moment.Nodes, [.. _ticks], TrafficTally.Sum([_sinceStart]));
    }
}
