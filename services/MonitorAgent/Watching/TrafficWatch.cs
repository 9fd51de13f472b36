using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Probing;
using KongUpgradeMesh.MonitorAgent.Sequential;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>The memory of one watch: takes readings, gives judgements. A failed verdict stays, but after the point of no return.</summary>
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
    private readonly LatencyComparison _latency = new(AlphaOf(command) * AlphaBudget.Latency, command.Spec.Monitor, reference);

    private readonly BalancerTrack? _balancers = BalancerSources.CountIn(command.Spec.Monitor) is > 0 and var count
        ? new(count, AlphaOf(command) * AlphaBudget.BalancerErrors, Longer(Kept, command.Spec.Monitor.Window * 2), reference)
        : null;

    private readonly ProbeTrack _probes = new();
    private TimeSpan _judgedAt;

    /// <summary>What is known of the rate limits; null until it is known.</summary>
    public RateLimits? Limits { get; set; }

    /// <summary>The interval that was judged last; null before the first.</summary>
    public WatchTick? LastTick { get; private set; }

    /// <summary>What the last judgement was made from; null before the first.</summary>
    public Observation? Last { get; private set; }

    /// <summary>The last judgement; null before the first. Once failed it stays, but after the point of no return.</summary>
    public Judgement? Judgement { get; private set; }

    /// <summary>Whether every side that must be seen has been seen, by the declared load balancers too; once true it stays.</summary>
    public bool Established { get; private set; }

    /// <summary>Takes a reading made at <paramref name="at"/> since the watch began.</summary>
    public void Record(ClusterSide side, NodeReading reading, TimeSpan at) => (side == ClusterSide.X ? _x : _y).Record(reading, at);

    /// <summary>Takes a probe's round that was sent at <paramref name="at"/> since the watch began.</summary>
    public void Record(ProbeRound round, TimeSpan at) => _probes.Record(round, at);

    /// <summary>Takes a reading of a load balancer made at <paramref name="at"/> since the watch began.</summary>
    /// <param name="balancer">Which of the declared ones, from 0.</param>
    /// <param name="reading">What it said.</param>
    /// <param name="at">When.</param>
    public void Record(int balancer, BalancerReading reading, TimeSpan at) => _balancers?.Record(balancer, reading, at);

    /// <summary>Judges what is known at <paramref name="at"/> since the watch began.</summary>
    public Judgement Judge(TimeSpan at) => Judge(new WatchTick(at, at - _judgedAt, _x.Take(at), _y.Take(at)) { Probes = _probes.Now(), Limits = Limits, Balancer = _balancers?.Take() });

    /// <summary>Judges with one more interval; the same intervals always give the same judgements.</summary>
    public Judgement Judge(WatchTick tick)
    {
        var at = tick.At;
        (LastTick, _judgedAt) = (tick, at);
        var (x, y) = (_x.Add(tick.X, at, tick.Length), _y.Add(tick.Y, at, tick.Length));
        GatherEvidence(x, y, at, tick.Limits ?? RateLimits.Unknown);
        Last = new Observation
        {
            Elapsed = at,
            Purpose = command.Purpose,
            WeightY = command.Split.WeightY,
            RampFrom = command.RampFrom?.WeightY,
            X = x,
            Y = y,
            Rises = _rates.ToDictionary(static r => r.Key.Indicator, static r => r.Value.Found()),
            HasLostRequests = _unmatched.Suffices,
            Limits = tick.Limits ?? RateLimits.Unknown,
            Sticky = command.Spec.Traffic.Sticky,
            Soak = command.Spec.Soak,
            Latency = _latency.Found(),
            Reference = reference,
            Balancer = tick.Balancer is { } seen ? _balancers?.Add(seen, at, tick.Length, BothServe(command)) : null,
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
        return (reference ?? new Reference(new TrafficTally(), TimeSpan.Zero, null)).With(last.X.SinceStart, last.Elapsed, others) with
        {
            Scatters = new Dictionary<string, Scatter>(_rates.Select(static r => KeyValuePair.Create(r.Key.Indicator, r.Value.Scatter)).Concat(_balancers?.Scatters ?? []))
            {
                [UnmatchedEvidence.Name] = _unmatched.Scatter,
            },
            LatencyScatter = _latency.Scatter,
            Balancer = _balancers is null ? reference?.Balancer : (reference?.Balancer ?? BalancerTally.None).Plus(_balancers.X),
        };
    }

    private void GatherEvidence(SideView x, SideView y, TimeSpan at, RateLimits limits)
    {
        // Before the first shift too: it says how bursty X's errors are.
        var bothServe = BothServe(command);
        _rates[AnswerKind.RateLimited].Pressure = limits.Pressure(x.Nodes.Count, y.Nodes.Count, RateLimits.MostOf(command.RampFrom?.WeightY, command.Split.WeightY), command.Spec.Traffic.Sticky);
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

        if (bothServe)
        {
            _latency.Add(x.Ticks[^1], y.Ticks[^1]);
        }
        else
        {
            _latency.Add(y.Ticks[^1]);
        }

        _unmatched.Add(x.Ticks[^1], y.Ticks[^1], OtherRequests.Of(x, y, at, reference), bothServe);
    }

    private static bool IsEstablished(Observation observation)
    {
        // Before the first shift also the counters must be there: Kong 3 ships them switched off.
        var complete = observation.Purpose != WatchPurpose.Baseline || (observation.X.Missing | observation.Y.Missing) == 0;
        // Null stands for not asked: only a watch over real nodes sends requests.
        var proven = observation.Y.Nodes.All(static n => n.SeriesMoved != false);
        // Afterwards nothing waits for a watch, and one that only alerts must not stay silent for want of a balancer.
        var balanced = observation.Balancer is not { Now.ReadAt: null } || !observation.NeedsX;
        return proven && balanced && observation.Y.AllSeen && (!observation.NeedsX || observation.X.AllSeen) && complete;
    }

    private static bool BothServe(WatchTraffic command) => (command.RampFrom ?? command.Split).WeightY < 100 && command.Purpose != WatchPurpose.After;

    private static bool IsTold(WatchTraffic command, AnswerKind kind) => kind.IsToldBy(command.Spec.From.Version) && kind.IsToldBy(command.Spec.To.Version);

    // What cannot be judged leaves its part to the 5xx in all, which give of theirs to the balancers.
    private static double PartOf(WatchTraffic command, AnswerKind kind) => kind != AnswerKind.ServerErrors
        ? kind.PartOfAlpha
        : kind.PartOfAlpha
            + (IsTold(command, AnswerKind.GatewayErrors) ? 0 : AnswerKind.GatewayErrors.PartOfAlpha)
            - (BalancerSources.CountIn(command.Spec.Monitor) > 0 ? AlphaBudget.BalancerErrors : 0);

    private static double AlphaOf(WatchTraffic command)
    {
        var budget = AlphaBudget.Of(command.Spec);
        return BothServe(command) ? budget.OfWatchOfBoth(AlphaBudget.NumberOf(command)) : budget.OfWatchWithoutX;
    }

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
