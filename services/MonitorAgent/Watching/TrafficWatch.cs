using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;
using KongUpgradeMesh.MonitorAgent.Sources;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>The memory of one watch: takes readings, gives judgements. A failed verdict stays.</summary>
/// <param name="command">What is watched.</param>
/// <param name="reference">What is remembered of X.</param>
public sealed class TrafficWatch(WatchTraffic command, Reference? reference)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly SideTrack _x = new(command.Spec.From, Longer(Kept, command.Spec.Monitor.Window * 2));
    private readonly SideTrack _y = new(command.Spec.To, Longer(Kept, command.Spec.Monitor.Window * 2));

    private readonly Dictionary<AnswerKind, RateEvidence> _rates = AnswerKind.All
        .Where(kind => IsTold(command, kind))
        .ToDictionary(static kind => kind, kind => new RateEvidence(kind, AlphaOf(command) * PartOf(command, kind), reference));

    private readonly UnmatchedEvidence _unmatched = new(AlphaOf(command) * AlphaBudget.Unmatched, reference);

    /// <summary>What is known of the rate limits; may become known at any time.</summary>
    public RateLimits Limits { get; set; } = RateLimits.Unknown;

    /// <summary>What the last judgement was made from; null before the first.</summary>
    public Observation? Last { get; private set; }

    /// <summary>The last judgement; null before the first. Once failed it stays.</summary>
    public Judgement? Judgement { get; private set; }

    /// <summary>Whether every side that must be seen has been seen; once true it stays.</summary>
    public bool Established { get; private set; }

    /// <summary>Takes a reading made at <paramref name="at"/> since the watch began.</summary>
    public void Record(ClusterSide side, NodeReading reading, TimeSpan at) => (side == ClusterSide.X ? _x : _y).Record(reading, at);

    /// <summary>Judges what is known at <paramref name="at"/> since the watch began.</summary>
    public Judgement Judge(TimeSpan at)
    {
        var (x, y) = (_x.Close(at), _y.Close(at));
        GatherEvidence(x, y, at);
        Last = new Observation
        {
            Elapsed = at,
            Purpose = command.Purpose,
            WeightY = command.Split.WeightY,
            X = x,
            Y = y,
            Rises = _rates.ToDictionary(static r => r.Key.Indicator, static r => r.Value.Found()),
            HasLostRequests = _unmatched.Suffices,
            Limits = Limits,
            Sticky = command.Spec.Traffic.Sticky,
            Soak = command.Spec.Soak,
            Reference = reference,
            Thresholds = command.Spec.Monitor,
            MinimumRequests = command.Spec.Traffic.MinimumRequests,
            VersionX = command.Spec.From.Version,
            VersionY = command.Spec.To.Version,
        };
        Established |= IsEstablished(Last);
        if (Judgement is not { Verdict: Verdict.Failed })
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
        return (reference ?? new Reference(new TrafficTally(), TimeSpan.Zero, null)).With(last.X.SinceStart, last.Elapsed, others) with
        {
            Scatters = _rates.ToDictionary(static r => r.Key.Indicator, static r => r.Value.Scatter).Append(KeyValuePair.Create(UnmatchedEvidence.Name, _unmatched.Scatter)).ToDictionary(),
        };
    }

    private void GatherEvidence(SideView x, SideView y, TimeSpan at)
    {
        // Before the first shift too: it says how bursty X's errors are.
        var bothServe = BothServe(command);
        _rates[AnswerKind.RateLimited].Pressure = Limits.Pressure(x.Nodes.Count, y.Nodes.Count, command.Split.WeightY, command.Spec.Traffic.Sticky);
        foreach (var rate in _rates.Values)
        {
            if (bothServe)
            {
                rate.Add(x.Ticks[^1], y.Ticks[^1]);
            }
            else
            {
                rate.Add(y.Ticks[^1]);
            }
        }

        _unmatched.Add(x.Ticks[^1], y.Ticks[^1], OtherRequests.Of(x, y, at, reference), bothServe);
    }

    private static bool IsEstablished(Observation observation)
    {
        // Before the first shift also the counters must be there: Kong 3 ships them switched off.
        var complete = observation.Purpose != WatchPurpose.Baseline || (observation.X.Missing | observation.Y.Missing) == 0;
        return observation.Y.AllSeen && (!observation.NeedsX || observation.X.AllSeen) && complete;
    }

    private static bool BothServe(WatchTraffic command) => command.Split.WeightY < 100 && command.Purpose != WatchPurpose.After;

    private static bool IsTold(WatchTraffic command, AnswerKind kind) => kind.IsToldBy(command.Spec.From.Version) && kind.IsToldBy(command.Spec.To.Version);

    // What cannot be judged leaves its part to the 5xx in all.
    private static double PartOf(WatchTraffic command, AnswerKind kind) =>
        kind.PartOfAlpha + (kind == AnswerKind.ServerErrors && !IsTold(command, AnswerKind.GatewayErrors) ? AnswerKind.GatewayErrors.PartOfAlpha : 0);

    private static double AlphaOf(WatchTraffic command) => AlphaBudget.Of(command.Spec).OfWatch(BothServe(command));

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
