using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sources;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>Follows one node: its state, and what its counters gained since they were last taken.</summary>
/// <param name="node">The node.</param>
/// <param name="recent">How long what it did counts as recent.</param>
public sealed class NodeTrack(NodeSpec node, TimeSpan recent)
{
    private readonly Queue<(TimeSpan At, double Requests, double Errors)> _recent = [];
    private readonly MemoryTrack _memory = new();
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
            var restarted = IsRestart(_last, sample);
            _memory.Record(sample, at, restarted);
            State = State with
            {
                Restarts = State.Restarts + (restarted ? 1 : 0),
                RestartedAt = restarted ? at : State.RestartedAt,
                NodeId = sample.NodeId ?? State.NodeId,
                Workers = sample.Workers,
                Memory = _memory.Trends,
                Targets = TargetsOf(sample, at),
            };
            if (_last is not null)
            {
                _pending.Add(CounterDelta.Between(_last, sample, _ownRequests));
            }

            _last = sample;
            _ownRequests = 0;
        }

        // What a reading does not tell stays as it was last told: a node that is not to be reached cannot speak for its database, nor a Prometheus that is away for its nodes.
        var ready = reading.Ready ?? State.Ready;
        var away = reading.DatabaseReachable is { } reachable ? !reachable : State.DatabaseAwaySince is not null;
        State = State with
        {
            ReadAt = reading.Sample is null ? State.ReadAt : at,
            Ready = ready,
            NotReadySince = ready ? null : State.NotReadySince ?? (reading.Ready is null ? null : at),
            NotReadyInRow = ready ? 0 : State.NotReadyInRow + (reading.Ready is null ? 0 : 1),
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
    /// <param name="at">The end of the interval, since the watch began.</param>
    public TrafficTally Take(TimeSpan at)
    {
        var taken = _pending;
        _pending = new TrafficTally();
        _recent.Enqueue((at, taken.Total, taken.Count(AnswerKind.IsServerError)));
        while (_recent.Peek().At <= at - recent)
        {
            _recent.Dequeue();
        }

        State = State with { RecentRequests = _recent.Sum(static r => r.Requests), RecentErrors = _recent.Sum(static r => r.Errors) };
        return taken;
    }

    private TargetState[] TargetsOf(NodeSample sample, TimeSpan at)
    {
        var unused = State.Targets.Where(static t => t.UnusedSince is not null).ToDictionary(static t => t.Target, static t => t.UnusedSince);
        return [.. sample.Targets.Select(t => new TargetState(t.Key, t.Value, t.Value.IsUnused() ? unused.GetValueOrDefault(t.Key) ?? at : null))];
    }

    private static bool IsRestart(NodeSample? before, NodeSample now) =>
        before is not null && before.Has(MetricFamilies.NginxRequests) && now.Has(MetricFamilies.NginxRequests) && now.NginxRequests < before.NginxRequests;

    // Whoever reads a node sends a request to the same nginx: this agent, or Prometheus once for each moment that it tells of. Null: the reading does not tell.
    private bool? StandsStill(NodeReading reading) =>
        reading.Sample is { } sample && _last is { } last && last.Has(MetricFamilies.NginxRequests) && sample.Has(MetricFamilies.NginxRequests)
        && (sample.MeasuredAt is { } now ? last.MeasuredAt is { } before && now > before : reading.OwnRequests > 0)
            ? sample.NginxRequests.Equals(last.NginxRequests)
            : null;
}
