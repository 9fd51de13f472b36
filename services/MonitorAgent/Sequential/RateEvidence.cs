using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Follows one kind of answer (all 5xx) over a watch: evidence that Y gives it more often than X, in all and on single routes.</summary>
/// <remarks>
/// One alpha over the whole upgrade: most of a watch's part for all routes together, the rest for single routes, of which the n-th to be seen gets 1/(n(n+1)) of it:
/// however many there are, the chance of any false alarm stays below alpha (Bonferroni).
/// </remarks>
public sealed class RateEvidence
{
    // The chance that the bound on what is remembered of X is too low; small beside any sensible alpha.
    private const double BoundMissed = 1e-5;

    private const double PartTogether = 0.8;

    private readonly Func<int, bool> _codes;
    private readonly double _needed;
    private readonly double _neededOfRoutes;
    private readonly RateMemory _memory = new();
    private readonly Burstiness _burstiness;
    private readonly RiseEvidence _together = new();
    private readonly Dictionary<RouteName, RouteEvidence> _routes = [];
    private readonly Reference? _reference;
    private double? _bound;

    private sealed record RouteEvidence(RiseEvidence Evidence, double Needed)
    {
        public double Surplus => Evidence.Log - Needed;
    }

    /// <summary>Begins without evidence.</summary>
    /// <param name="codes">Which answers are hits.</param>
    /// <param name="alpha">The watch's part of the chance of a false alarm, above 0, below 1.</param>
    /// <param name="reference">What is remembered of X; null when nothing is.</param>
    public RateEvidence(Func<int, bool> codes, double alpha, Reference? reference)
    {
        (_codes, _needed, _neededOfRoutes) = (codes, -Math.Log(alpha * PartTogether), -Math.Log(alpha * (1 - PartTogether)));
        _reference = reference;
        _burstiness = new Burstiness(reference?.ErrorScatter ?? default);
        if (reference is not null)
        {
            _memory.Add(RouteCounts.Of(reference.X, codes), TimeSpan.Zero);
        }
    }

    /// <summary>How bursty the hits on X are, as far as it is known.</summary>
    public Scatter Scatter => _burstiness.Scatter;

    /// <summary>Where the evidence suffices now.</summary>
    public RiseFound Found() => new(
        _together.Log >= _needed,
        [.. _routes.Where(static r => r.Value.Surplus >= 0).OrderByDescending(static r => r.Value.Surplus).Select(static r => r.Key)]);

    /// <summary>Takes what Y did in an interval in which X had no traffic; without a memory of X it says nothing.</summary>
    public void Add(SideTick y)
    {
        if (_reference is null || _reference.X.Total <= 0)
        {
            return;
        }

        // All routes as one: their mix is the remembered one, and of a single rare route too little is remembered.
        _bound ??= BinomialTail.HighestRate((long)Math.Ceiling(_reference.X.Count(_codes)), (long)Math.Floor(_reference.X.Total), BoundMissed);
        var counts = RouteCounts.Of(y.Tally, _codes);
        _together.Add([new RateBlock(0, 0, counts.Hits, counts.Requests, _bound.Value, _bound)], y.Length, _burstiness.Share);
    }

    /// <summary>Takes what both sides did in the same interval.</summary>
    public void Add(SideTick x, SideTick y)
    {
        var (countsX, countsY) = (RouteCounts.Of(x.Tally, _codes), RouteCounts.Of(y.Tally, _codes));
        var blocks = new List<RateBlock>(countsY.Routes.Count);
        var share = _burstiness.Share;
        foreach (var (route, (hitsY, requestsY)) in countsY.Routes)
        {
            var (hitsX, requestsX) = countsX.Routes.GetValueOrDefault(route);
            var block = new RateBlock(hitsX, requestsX, hitsY, requestsY, _memory.Of(route));
            blocks.Add(block);
            EvidenceOf(route).Add([block], y.Length, share);
        }

        _together.Add(blocks, y.Length, share);
        _memory.Add(countsX, x.Length);
        _burstiness.Add(countsX.Hits, countsX.Requests);
    }

    private RiseEvidence EvidenceOf(RouteName route)
    {
        if (!_routes.TryGetValue(route, out var found))
        {
            double number = _routes.Count + 1;
            found = _routes[route] = new RouteEvidence(new RiseEvidence(), _neededOfRoutes + Math.Log(number * (number + 1)));
        }

        return found.Evidence;
    }
}
