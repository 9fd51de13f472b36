using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Evidence against "Y is not slower than X" in one kind of latency, as an e-value that may be looked at after every interval.</summary>
/// <remarks>
/// <para>
/// Not slower means: of every bound of the histogram, the share of requests that took longer is not larger on Y. Each bound is a comparison of two rates, so each has the
/// e-process of <see cref="RiseEvidence"/>, route by route and in the same second. Under "not slower" all of them are e-processes at once, hence so is their mean (Vovk and
/// Wang, "E-values: Calibration, combination and applications", 2021), and the mean costs less than a band over the whole distribution function (Howard and Ramdas,
/// "Sequential estimation of quantiles with applications to A/B testing and best-arm identification", 2022), which is uniform over all bounds at once.
/// </para>
/// <para>
/// Counts below a bound know no outliers: a request of a minute is one slow request. So it holds for latencies of any distribution, also of infinite variance, where
/// evidence from means (betting on bounded increments, Waudby-Smith and Ramdas 2023) would first need a bound on the latencies.
/// </para>
/// <para>Where slow requests come together on X, evidence counts for less (<see cref="Overdispersion"/>).</para>
/// </remarks>
public sealed class LatencyEvidence
{
    private readonly LatencyKind _kind;
    private readonly double _needed;
    private readonly double _boundMissed;
    private readonly RiseEvidence[] _bounds;
    private readonly Overdispersion[] _scatter;
    private readonly List<RateBlock> _blocks = [];
    private double[]? _highest;

    /// <summary>Begins without evidence.</summary>
    /// <param name="kind">Which latency.</param>
    /// <param name="alpha">The chance of a false alarm that it may use up, above 0, below 1.</param>
    /// <param name="scatter">How bursty X was before, as <see cref="Scatter"/> said; empty for unknown.</param>
    public LatencyEvidence(LatencyKind kind, double alpha, IReadOnlyList<Dispersion> scatter)
    {
        (_kind, _needed, _boundMissed) = (kind, -Math.Log(alpha * (1 - AlphaBudget.OfBound)), alpha * AlphaBudget.OfBound);
        _bounds = [.. LatencyBounds.Of(kind).ToArray().Select(static _ => new RiseEvidence(RiseStakes.Slowness))];
        var known = scatter.Chunk(Overdispersion.PaceCount).ToArray();
        _scatter = [.. _bounds.Select((_, i) => new Overdispersion(known.Length == _bounds.Length ? known[i] : []))];
    }

    /// <summary>How bursty X is, bound by bound, of each all paces.</summary>
    public IReadOnlyList<Dispersion> Scatter => [.. _scatter.SelectMany(static s => s.Known)];

    /// <summary>What requests on X are worth beside independent ones, above 0, at most 1.</summary>
    public double Worth => _scatter.Min(static s => s.Share);

    /// <summary>Natural logarithm of the e-value now.</summary>
    public double Log
    {
        get
        {
            var largest = _bounds.Max(static b => b.Log);
            return largest + Math.Log(_bounds.Average(b => Math.Exp(b.Log - largest)));
        }
    }

    /// <summary>Whether the evidence suffices.</summary>
    public bool Suffices => Log >= _needed;

    /// <summary>Takes what both sides did in the same interval.</summary>
    /// <param name="x">Cluster X.</param>
    /// <param name="y">Cluster Y.</param>
    /// <param name="memory">What was known of X before the interval.</param>
    public void Add(SideTick x, SideTick y, LatencyMemory memory)
    {
        var routes = y.Tally.Latencies
            .Where(r => r.Value.HasBuckets && r.Value.Total(_kind).Count > 0 && x.Tally.Latencies.TryGetValue(r.Key, out var onX) && onX.HasBuckets && onX.Total(_kind).Count > 0)
            .Select(r => (r.Key, X: x.Tally.Latencies[r.Key], Y: r.Value))
            .ToList();
        for (var i = 0; i < _bounds.Length; i++)
        {
            _blocks.Clear();
            foreach (var (route, onX, onY) in routes)
            {
                var (requestsX, requestsY) = (onX.Total(_kind).Count, onY.Total(_kind).Count);
                _blocks.Add(new RateBlock(requestsX - onX.AtMost(_kind)[i], requestsX, requestsY - onY.AtMost(_kind)[i], requestsY, memory.SlowerThan(route, _kind, i)));
            }

            _bounds[i].Add(_blocks, y.Length, _scatter[i].Share);
        }

        AddScatter(x);
    }

    /// <summary>Takes what Y did in an interval in which X had no traffic.</summary>
    /// <param name="remembered">What is remembered of X, all routes together.</param>
    /// <param name="y">Cluster Y.</param>
    public void Add(RouteLatency remembered, SideTick y)
    {
        var total = remembered.Total(_kind).Count;
        if (!remembered.HasBuckets || total < 1)
        {
            return;
        }

        _highest ??= HighestShares(remembered, total);
        var all = LatencySlice.AllRoutes(y.Tally);
        var requests = all.HasBuckets ? all.Total(_kind).Count : 0;
        for (var i = 0; i < _bounds.Length; i++)
        {
            _blocks.Clear();
            if (requests > 0)
            {
                _blocks.Add(new RateBlock(0, 0, requests - all.AtMost(_kind)[i], requests, _highest[i], _highest[i]));
            }

            _bounds[i].Add(_blocks, y.Length, _scatter[i].Share);
        }
    }

    private double[] HighestShares(RouteLatency remembered, double total)
    {
        var highest = new double[_bounds.Length];
        for (var i = 0; i < highest.Length; i++)
        {
            // What is remembered is worth as many independent requests as its burstiness leaves.
            var worth = Math.Max(1, Math.Floor(total * _scatter[i].Share));
            var slow = Math.Ceiling((total - remembered.AtMost(_kind)[i]) / total * worth);
            highest[i] = BinomialTail.HighestRate((long)slow, (long)worth, _boundMissed / highest.Length);
        }

        return highest;
    }

    private void AddScatter(SideTick x)
    {
        var all = LatencySlice.AllRoutes(x.Tally);
        for (var i = 0; i < _scatter.Length && all.HasBuckets; i++)
        {
            _scatter[i].Add(all.Total(_kind).Count - all.AtMost(_kind)[i], all.Total(_kind).Count);
        }
    }
}
