using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>What is known of the latencies on X, route by route, before an interval is looked at. Older knowledge fades.</summary>
public sealed class LatencyMemory
{
    // A route's own share counts more than the cluster's from so many requests on.
    private const double RouteShrinkage = 50;

    // Nothing seen yet is taken for this: half of five requests slower than any bound.
    private const double PriorHits = 2.5;
    private const double PriorRequests = 5;
    private const double LeastRate = 1e-5;
    private const double MostRate = 0.98;
    private const double LargestWeight = 1e12;
    private static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(5);

    private readonly Dictionary<RouteKey, RouteLatency> _routes = [];
    private RouteLatency _all = new();

    // Instead of letting everything known fade at each interval, what is new weighs more.
    private double _weight = 1;

    /// <summary>The share of a route's requests that are slower than a bound, pulled towards the cluster's.</summary>
    public double SlowerThan(RouteKey route, LatencyKind kind, int bound)
    {
        var (hits, requests) = Slower(_all, kind, bound);
        var overall = (hits + (PriorHits * _weight)) / (requests + (PriorRequests * _weight));
        var (own, ownRequests) = _routes.TryGetValue(route, out var known) ? Slower(known, kind, bound) : default;
        var shrinkage = RouteShrinkage * _weight;
        return Math.Clamp((own + (shrinkage * overall)) / (ownRequests + shrinkage), LeastRate, MostRate);
    }

    /// <summary>Takes what X did in an interval of this length.</summary>
    public void Add(TrafficTally x, TimeSpan length)
    {
        _weight *= Math.Pow(2, length / HalfLife);
        if (_weight > LargestWeight)
        {
            Rescale();
        }

        foreach (var (route, latency) in x.Latencies)
        {
            if (!_routes.TryGetValue(route, out var known))
            {
                _routes[route] = known = new RouteLatency();
            }

            known.Add(latency, _weight);
            _all.Add(latency, _weight);
        }
    }

    private static (double Hits, double Requests) Slower(RouteLatency latency, LatencyKind kind, int bound)
    {
        var requests = latency.Total(kind).Count;
        return (requests - latency.AtMost(kind)[bound], requests);
    }

    private void Rescale()
    {
        foreach (var (route, latency) in _routes.ToArray())
        {
            _routes[route] = Scaled(latency);
        }

        (_all, _weight) = (Scaled(_all), 1);
    }

    private RouteLatency Scaled(RouteLatency latency)
    {
        var scaled = new RouteLatency();
        scaled.Add(latency, 1 / _weight);
        return scaled;
    }
}
