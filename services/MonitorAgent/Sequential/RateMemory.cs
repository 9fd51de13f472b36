using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>What is known of the rates on X, route by route, before an interval is looked at. Older knowledge fades.</summary>
internal sealed class RateMemory
{
    // A route's own rate counts more than the cluster's from so many requests on, and not before one hit was to be expected: of rarer errors a route's own rate is mostly luck.
    private const double RouteShrinkage = 50;
    private const double HitsOfShrinkage = 1;

    // Nothing seen yet is taken for this: half an error in five hundred requests.
    private const double PriorHits = 0.5;
    private const double PriorRequests = 500;
    private const double LeastRate = 1e-5;
    private const double MostRate = 0.98;
    private const double LargestWeight = 1e12;
    private static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(5);

    private readonly Dictionary<RouteKey, (double Hits, double Requests)> _routes = [];
    private (double Hits, double Requests) _all = (PriorHits, PriorRequests);

    // Instead of letting everything known fade at each interval, what is new weighs more.
    private double _weight = 1;

    /// <summary>A route's rate, pulled towards the cluster's.</summary>
    public double Of(RouteKey route)
    {
        var known = _routes.GetValueOrDefault(route);
        var rate = Math.Max(LeastRate, _all.Hits / _all.Requests);
        var shrinkage = Math.Max(RouteShrinkage, HitsOfShrinkage / rate) * _weight;
        return Math.Clamp((known.Hits + (shrinkage * rate)) / (known.Requests + shrinkage), LeastRate, MostRate);
    }

    /// <summary>Takes what X did in an interval of this length.</summary>
    public void Add(RouteCounts x, TimeSpan length)
    {
        _weight *= Math.Pow(2, length / HalfLife);
        if (_weight > LargestWeight)
        {
            Rescale();
        }

        foreach (var (route, (hits, requests)) in x.Routes)
        {
            var known = _routes.GetValueOrDefault(route);
            _routes[route] = (known.Hits + (hits * _weight), known.Requests + (requests * _weight));
        }

        _all = (_all.Hits + (x.Hits * _weight), _all.Requests + (x.Requests * _weight));
    }

    private void Rescale()
    {
        foreach (var (route, (hits, requests)) in _routes.ToArray())
        {
            _routes[route] = (hits / _weight, requests / _weight);
        }

        _all = (_all.Hits / _weight, _all.Requests / _weight);
        _weight = 1;
    }
}
