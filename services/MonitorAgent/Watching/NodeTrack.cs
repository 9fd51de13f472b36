using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sources;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>Follows one node: its state, and what its counters gained since they were last taken.</summary>
/// <param name="node">The node.</param>
public sealed class NodeTrack(NodeSpec node)
{
    private NodeSample? _last;
    private int _ownRequests;
    private TrafficTally _pending = new();

    /// <summary>What is known of the node now.</summary>
    public NodeState State { get; private set; } = new() { Name = node.Name };

    /// <summary>Takes a reading made at <paramref name="at"/> since the watch began.</summary>
    public void Record(NodeReading reading, TimeSpan at)
    {
        _ownRequests += reading.OwnRequests;
        var still = StandsStill(reading);

        // Counters that vanished for a while are compared with their last value when they are back, not with zero.
        if (reading.Sample is { } sample && (_last is null || !CounterDelta.HasGap(_last, sample)))
        {
            if (_last is not null)
            {
                _pending.Add(CounterDelta.Between(_last, sample, _ownRequests));
            }

            _last = sample;
            _ownRequests = 0;
        }

        // A node that is not to be reached cannot speak for its database; the last word about it stands.
        var away = reading.DatabaseReachable is { } reachable ? !reachable : State.DatabaseAwaySince is not null;
        State = State with
        {
            ReadAt = reading.Sample is null ? State.ReadAt : at,
            Ready = reading.Ready,
            NotReadySince = reading.Ready ? null : State.NotReadySince ?? at,
            NotReadyInRow = reading.Ready ? 0 : State.NotReadyInRow + 1,
            DatabaseReachable = reading.DatabaseReachable,
            DatabaseAwaySince = away ? State.DatabaseAwaySince ?? at : null,
            DatabaseAwayInRow = !away ? 0 : State.DatabaseAwayInRow + (reading.DatabaseReachable is null ? 0 : 1),
            Families = reading.Sample?.Families ?? State.Families,
            Version = reading.Version ?? State.Version,
            SeriesMoved = reading.SeriesMoved ?? State.SeriesMoved,
            Unproven = reading.SeriesMoved is null ? State.Unproven : reading.Unproven,
            StillInRow = still switch { true => State.StillInRow + 1, false => 0, null => State.StillInRow },
            Problem = reading.Problem,
        };
    }

    /// <summary>Hands out what was gained since the last call.</summary>
    public TrafficTally Take()
    {
        var taken = _pending;
        _pending = new TrafficTally();
        return taken;
    }

    // Every reading is itself a request to the same nginx. Null: the reading does not tell.
    private bool? StandsStill(NodeReading reading) =>
        reading is { Sample: { } sample, OwnRequests: > 0 } && _last is { } last && last.Has(MetricFamilies.NginxRequests) && sample.Has(MetricFamilies.NginxRequests)
            ? sample.NginxRequests.Equals(last.NginxRequests)
            : null;
}
