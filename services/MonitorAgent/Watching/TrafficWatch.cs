using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Indicators;
using KongUpgradeMesh.MonitorAgent.Probing;
using KongUpgradeMesh.MonitorAgent.Sequential;
using KongUpgradeMesh.MonitorAgent.Sources;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>The memory of one watch: takes readings, gives judgements. A failed verdict stays, but after the point of no return.</summary>
/// <param name="command">What is watched.</param>
/// <param name="reference">What is remembered of X.</param>
public sealed class TrafficWatch(WatchTraffic command, Reference? reference)
{
    private const double PartOfLatency = 0.2;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly SideTrack _x = new(command.Spec.From, Longer(Kept, command.Spec.Monitor.Window * 2));
    private readonly SideTrack _y = new(command.Spec.To, Longer(Kept, command.Spec.Monitor.Window * 2));

    private readonly RateEvidence _serverErrors = new(ServerErrorRate.IsServerError, AlphaOf(command), reference);
    private readonly LatencyComparison _latency = new(AlphaOf(command) * PartOfLatency, command.Spec.Monitor, reference);

    private TimeSpan _judgedAt;

    /// <summary>The interval that was judged last; null before the first.</summary>
    public WatchTick? LastTick { get; private set; }

    private readonly ProbeTrack _probes = new();

    /// <summary>What the last judgement was made from; null before the first.</summary>
    public Observation? Last { get; private set; }

    /// <summary>The last judgement; null before the first. Once failed it stays, but after the point of no return.</summary>
    public Judgement? Judgement { get; private set; }

    /// <summary>Whether every side that must be seen has been seen; once true it stays.</summary>
    public bool Established { get; private set; }

    /// <summary>Takes a reading made at <paramref name="at"/> since the watch began.</summary>
    public void Record(ClusterSide side, NodeReading reading, TimeSpan at) => (side == ClusterSide.X ? _x : _y).Record(reading, at);

    /// <summary>Takes a probe's round that was sent at <paramref name="at"/> since the watch began.</summary>
    public void Record(ProbeRound round, TimeSpan at) => _probes.Record(round, at);

    /// <summary>Judges what is known at <paramref name="at"/> since the watch began.</summary>
    public Judgement Judge(TimeSpan at) => Judge(new WatchTick(at, at - _judgedAt, _x.Take(), _y.Take()) { Probes = _probes.Now() });

    /// <summary>Judges with one more interval; the same intervals always give the same judgements.</summary>
    public Judgement Judge(WatchTick tick)
    {
        var at = tick.At;
        (LastTick, _judgedAt) = (tick, at);
        var (x, y) = (_x.Add(tick.X, at, tick.Length), _y.Add(tick.Y, at, tick.Length));
        GatherEvidence(x, y);
        Last = new Observation
        {
            Elapsed = at,
            Purpose = command.Purpose,
            WeightY = command.Split.WeightY,
            X = x,
            Y = y,
            ServerErrors = _serverErrors.Found(),
            Latency = _latency.Found(),
            Reference = reference,
            Probes = tick.Probes,
            Thresholds = command.Spec.Monitor,
            MinimumRequests = command.Spec.Traffic.MinimumRequests,
            VersionX = command.Spec.From.Version,
            VersionY = command.Spec.To.Version,
            Overrides = command.Overrides,
        };
        Established |= IsEstablished(Last);
        // Where nothing is rolled back any more, what comes later is told too.
        if (Judgement is not { Verdict: Verdict.Failed } || command.Purpose == WatchPurpose.After)
        {
            Judgement = ClusterAnalysis.Judge(Last);
        }

        return Judgement;
    }

    /// <summary>What is to be remembered of X for later steps; null when this watch saw nothing of worth.</summary>
    public Reference? Remember()
    {
        if (Last is not { HasTrafficX: true } last || last.X.SinceStart.Total <= 0 || Judgement is { Verdict: Verdict.Failed })
        {
            return reference;
        }

        // Only while Y has no traffic is everything its nginx counts a health check or a scraper.
        var others = last.HasTrafficY || !last.Y.AllSeen ? (double?)null : Math.Max(0, last.Y.SinceStart.Unmatched) / last.Elapsed.TotalSeconds;
        return (reference ?? new Reference(new TrafficTally(), TimeSpan.Zero, null)).With(last.X.SinceStart, last.Elapsed, others) with { ErrorScatter = _serverErrors.Scatter, LatencyScatter = _latency.Scatter };
    }

    private void GatherEvidence(SideView x, SideView y)
    {
        if (command.Split.WeightY >= 100 || command.Purpose == WatchPurpose.After)
        {
            _serverErrors.Add(y.Ticks[^1]);
            _latency.Add(y.Ticks[^1]);
        }
        else
        {
            // Before the first shift too: it says how bursty X's errors are.
            _serverErrors.Add(x.Ticks[^1], y.Ticks[^1]);
            _latency.Add(x.Ticks[^1], y.Ticks[^1]);
        }
    }

    private static bool IsEstablished(Observation observation)
    {
        // Before the first shift also the counters must be there: Kong 3 ships them switched off.
        var complete = observation.Purpose != WatchPurpose.Baseline || (observation.X.Missing | observation.Y.Missing) == 0;
        // Null stands for not asked: only a watch over real nodes sends requests.
        var proven = observation.Y.Nodes.All(static n => n.SeriesMoved != false);
        return proven && observation.Y.AllSeen && (!observation.NeedsX || observation.X.AllSeen) && complete;
    }

    // One alpha over the whole upgrade, divided among the watches that may fail it: most of it where both clusters serve and there is most to be seen.
    private static double AlphaOf(WatchTraffic command)
    {
        const double partOfSplit = 0.8;
        const int watchesWithoutX = 3; // the last step, the soak, and the watch afterwards
        var alpha = command.Spec.Monitor.FalseAlarmChance;
        return command.Split.WeightY < 100
            ? alpha * partOfSplit / Math.Max(1, command.Spec.Traffic.Steps.Count - 1)
            : alpha * (1 - partOfSplit) / watchesWithoutX;
    }

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
