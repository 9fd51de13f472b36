using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Follows the latencies of a watch: evidence that Y is slower, how much, and whose fault it is.</summary>
/// <remarks>
/// Two bars, both to be cleared. Evidence (<see cref="LatencyEvidence"/>) says that Y is slower at all and bounds false alarms over the whole upgrade; a stretch of time in
/// which the mean, or 50, 90 or 99 of 100 requests, are slower by more than is permitted even at the lower end of the band says that it matters.
/// </remarks>
public sealed class LatencyComparison
{
    private const double PartOfGateway = 0.5;
    private const double PartOfTotal = 0.25;
    private const double PartOfUpstream = 0.25;

    // While a step is cold only this much is taken for a fault.
    private const double ColdFloor = 50;

    // Between the same second of both sides and a memory of another hour lies all that an hour changes.
    private const double AgainstMemory = 3;

    // The slowest requests are few, move first when anything moves, and lie in wide buckets: what is permitted of the mean is permitted of 90 of 100 several times over.
    private const double NinetyFactor = 3;
    private const double TailFactor = 10;

    // Y reaches the upstream services over a network of its own: only what is far off is a fault, and the same bar says when both sides' are slow.
    private const double UpstreamRatio = 2;
    private const double UpstreamFloor = 50;

    private readonly MonitorSpec _thresholds;
    private readonly RouteLatency? _remembered;
    private readonly LatencyMemory _memory = new();
    private readonly LatencyEvidence _gatewayEvidence;
    private readonly LatencyEvidence _requestEvidence;
    private readonly LatencyEvidence _upstreamEvidence;
    private readonly LatencyTrack _gateway = new(LatencyMeasure.Gateway);
    private readonly LatencyTrack _request = new(LatencyMeasure.Request);
    private readonly LatencyTrack _own = new(LatencyMeasure.Own);
    private readonly LatencyTrack _upstream = new(LatencyMeasure.Upstream);
    private bool _againstMemory;

    /// <summary>Begins without evidence.</summary>
    /// <param name="alpha">The chance of a false alarm that all latencies of the watch may use up, above 0, below 1.</param>
    /// <param name="thresholds">What is permitted.</param>
    /// <param name="reference">What is remembered of X; null when nothing is.</param>
    public LatencyComparison(double alpha, MonitorSpec thresholds, Reference? reference)
    {
        _thresholds = thresholds;
        var scatter = reference?.LatencyScatter ?? LatencyScatter.Unknown;
        _gatewayEvidence = new LatencyEvidence(LatencyKind.Kong, alpha * PartOfGateway, scatter.Kong);
        _requestEvidence = new LatencyEvidence(LatencyKind.Request, alpha * PartOfTotal, scatter.Request);
        _upstreamEvidence = new LatencyEvidence(LatencyKind.Upstream, alpha * PartOfUpstream, scatter.Upstream);
        if (reference is not null)
        {
            _memory.Add(reference.X, TimeSpan.Zero);
            _remembered = LatencySlice.AllRoutes(reference.X);
        }
    }

    /// <summary>How bursty X is, as far as it is known.</summary>
    public LatencyScatter Scatter => new(_gatewayEvidence.Scatter, _requestEvidence.Scatter, _upstreamEvidence.Scatter);

    /// <summary>Takes what both sides did in the same interval.</summary>
    public void Add(SideTick x, SideTick y)
    {
        foreach (var evidence in new[] { _gatewayEvidence, _requestEvidence, _upstreamEvidence })
        {
            evidence.Add(x, y, _memory);
        }

        _memory.Add(x.Tally, x.Length);
        _gateway.Add(LatencySlice.Of(x.Tally, y.Tally, y.Length, LatencyMeasure.Gateway));
        _request.Add(LatencySlice.Of(x.Tally, y.Tally, y.Length, LatencyMeasure.Request));
        _own.Add(LatencySlice.Of(x.Tally, y.Tally, y.Length, LatencyMeasure.Own));
        _upstream.Add(LatencySlice.Of(x.Tally, y.Tally, y.Length, LatencyMeasure.Upstream));
    }

    /// <summary>Takes what Y did in an interval in which X had no traffic; without a memory of X it says nothing.</summary>
    public void Add(SideTick y)
    {
        _againstMemory = true;
        if (_remembered is null)
        {
            return;
        }

        // Only what Kong itself adds can be told from what the hour has changed; of the rest nothing but a pass is asked.
        _gatewayEvidence.Add(_remembered, y);
        _gateway.Add(LatencySlice.Of(_remembered, y.Tally, y.Length, LatencyMeasure.Gateway));
        _request.Add(LatencySlice.Of(_remembered, y.Tally, y.Length, LatencyMeasure.Request));
        _own.Add(LatencySlice.Of(_remembered, y.Tally, y.Length, LatencyMeasure.Own));
        _upstream.Add(LatencySlice.Of(_remembered, y.Tally, y.Length, LatencyMeasure.Upstream));
    }

    /// <summary>What is known now.</summary>
    public LatencyFound Found()
    {
        var requests = _request.Whole(_requestEvidence.Worth);
        var ofTotal = requests?.MeanX ?? 0;
        return new LatencyFound(
            FindingOf(_gateway, _gatewayEvidence, Permitted),
            FindingOf(_own, _requestEvidence, _ => Permitted(ofTotal), TotalBreaches),
            FindingOf(_upstream, _upstreamEvidence, PermittedUpstream, quantiles: false),
            IsSharedCause())
        {
            Requests = requests,
        };
    }

    private double Permitted(double x)
    {
        var permitted = Math.Max(_thresholds.LatencyFloor.TotalMilliseconds, (_thresholds.LatencyRatio - 1) * x) * (_againstMemory ? AgainstMemory : 1);
        return _gateway.IsCold ? Math.Max(permitted, ColdFloor) : permitted;
    }

    private double Permitted(LatencyQuantile quantile) => quantile.Share switch
    {
        < 0.9 => 1,
        < 0.99 => NinetyFactor,
        _ => TailFactor,
    } * Permitted(quantile.X);

    private static double PermittedUpstream(double x) => Math.Max(UpstreamFloor, (UpstreamRatio - 1) * x);

    private LatencyFinding FindingOf(
        LatencyTrack track, LatencyEvidence evidence, Func<double, double> permitted, Func<IEnumerable<(LatencyRise Rise, TimeSpan Length)>>? more = null, bool quantiles = true)
    {
        if (track.Whole(evidence.Worth) is not { } whole)
        {
            return LatencyFinding.Unknown;
        }

        var latest = track.Latest(_thresholds.Window);
        var isOver = whole.Rise > permitted(whole.MeanX) || (latest is not null && latest.Low > permitted(latest.MeanX));
        if (!evidence.Suffices)
        {
            return new LatencyFinding { Whole = whole, IsOver = isOver };
        }

        (LatencyRise Rise, TimeSpan Length)? breach = null;
        foreach (var stretch in track.Stretches(evidence.Worth).Where(s => s.Rise.Low > permitted(s.Rise.MeanX) || (quantiles && s.Rise.Quantiles.Any(q => q.Low > Permitted(q)))).Concat(more?.Invoke() ?? []))
        {
            breach = breach is { } longest && longest.Length > stretch.Length ? longest : stretch;
        }

        return new LatencyFinding { Whole = whole, IsOver = isOver || breach is not null, Breach = breach?.Rise, BreachLength = breach?.Length ?? TimeSpan.Zero };
    }

    // Quantiles cannot be subtracted request by request: what the upstream services' own quantile rose by is granted instead.
    private IEnumerable<(LatencyRise Rise, TimeSpan Length)> TotalBreaches() => _request.Stretches(_requestEvidence.Worth)
        .Join(_upstream.Stretches(1), static r => r.Length, static u => u.Length, static (request, upstream) => (request.Rise, request.Length, Upstream: upstream.Rise))
        .Where(s => s.Rise.Quantiles.Zip(s.Upstream.Quantiles, (q, up) => q.Low - Math.Max(0, up.Y - up.X) > Permitted(q)).Any(static isOver => isOver))
        .Join(_own.Stretches(1), static s => s.Length, static own => own.Length, static (_, own) => own);

    private bool IsSharedCause()
    {
        if (_againstMemory || _upstream.Latest(_thresholds.Window) is not { } latest || Math.Min(latest.SamplesX, latest.SamplesY) < _thresholds.MinimumSamples)
        {
            return false;
        }

        var remembered = _remembered?.Total(LatencyKind.Upstream) is { Count: > 0 } known ? known.Milliseconds / known.Count : _upstream.Whole(1)?.MeanX ?? double.PositiveInfinity;
        var most = remembered + PermittedUpstream(remembered);
        return latest.MeanX > most && latest.MeanY > most;
    }
}
