using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Follows one kind of answer over a watch: evidence that Y gives it more often than X, in all, for single services and on single routes.</summary>
public sealed class RateEvidence
{
    // How alpha is divided: all routes together, all single routes, all single services. Where X has no traffic, the bound on what is remembered of it takes the scopes' part.
    private const double PartTogether = 1 - AlphaBudget.OfBound;
    private const double PartOfScopes = AlphaBudget.OfBound / 2;

    private readonly AnswerKind _kind;
    private readonly double _needed;
    private readonly double _boundMissed;
    private readonly RateMemory _memory = new();
    private readonly Burstiness _burstiness;
    private readonly RiseEvidence _together = new(RiseStakes.Answers);
    private readonly ScopedEvidence _routes;
    private readonly ScopedEvidence _services;
    private readonly Reference? _reference;
    private double? _bound;

    /// <summary>Begins without evidence.</summary>
    /// <param name="kind">Which answers are hits.</param>
    /// <param name="alpha">The chance of a false alarm by this kind over the watch, above 0, below 1.</param>
    /// <param name="reference">What is remembered of X; null when nothing is.</param>
    public RateEvidence(AnswerKind kind, double alpha, Reference? reference)
    {
        (_kind, _needed, _boundMissed, _reference) = (kind, -Math.Log(alpha * PartTogether), alpha * AlphaBudget.OfBound, reference);
        (_routes, _services) = (new ScopedEvidence(alpha * PartOfScopes), new ScopedEvidence(alpha * PartOfScopes));
        _burstiness = new Burstiness(reference?.Scatters.GetValueOrDefault(kind.Indicator) ?? default);
        if (reference is not null)
        {
            _memory.Add(RouteCounts.Of(reference.X, kind), TimeSpan.Zero);
        }
    }

    /// <summary>How bursty the hits on X are, as far as it is known.</summary>
    public Scatter Scatter => _burstiness.Scatter;

    /// <summary>By how much Y may accept fewer requests than X without being worse, as <see cref="RateLimits.Pressure"/> says; 1 for every kind but 429. May change between intervals.</summary>
    public double Pressure { get; set; } = 1;

    /// <summary>Where the evidence suffices now.</summary>
    public RiseFound Found() => new([.. _together.Suffices(_needed) ? [Scope.All] : Array.Empty<Scope>(), .. _routes.Found, .. _services.Found]);

    /// <summary>Takes what Y did in an interval in which X had no traffic; without a memory of X it says nothing.</summary>
    public void Add(SideTick y)
    {
        if (_reference is null || _reference.X.Total <= 0)
        {
            return;
        }

        // All routes as one: their mix is the remembered one, and of a single rare route too little is remembered.
        _bound ??= BinomialTail.HighestRate((long)Math.Ceiling(_reference.X.Count(_kind)), (long)Math.Floor(_reference.X.Total), _boundMissed);
        var bound = RateLimits.Under(_bound.Value, Pressure);
        var counts = RouteCounts.Of(y.Tally, _kind);
        _together.Add([new RateBlock(0, 0, counts.Hits, counts.Requests, bound, bound)], y.Length, _burstiness.Share);
    }

    /// <summary>Takes what both sides did in the same interval.</summary>
    public void Add(SideTick x, SideTick y)
    {
        var (countsX, countsY) = (RouteCounts.Of(x.Tally, _kind, Pressure), RouteCounts.Of(y.Tally, _kind));
        var blocks = new List<RateBlock>(countsY.Routes.Count);
        var services = new Dictionary<string, List<RateBlock>>();
        var share = _burstiness.Share;
        foreach (var (route, (hitsY, requestsY)) in countsY.Routes)
        {
            var (hitsX, requestsX) = countsX.Routes.GetValueOrDefault(route);
            var block = new RateBlock(hitsX, requestsX, hitsY, requestsY, _memory.Of(route));
            blocks.Add(block);
            _routes.Add(new Scope(route.Service, route.Route), [block], y.Length, share);
            if (!services.TryGetValue(route.Service, out var ofService))
            {
                services[route.Service] = ofService = [];
            }

            ofService.Add(block);
        }

        foreach (var (service, ofService) in services)
        {
            _services.Add(new Scope(service, null), ofService, y.Length, share);
        }

        _together.Add(blocks, y.Length, share);
        _memory.Add(countsX, x.Length);
        _burstiness.Add(countsX.Hits, countsX.Requests);
    }
}
