using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Hits and requests of one interval or of all that is remembered, route by route.</summary>
internal sealed class RouteCounts
{
    private readonly Dictionary<RouteKey, (double Hits, double Requests)> _routes = [];

    public IReadOnlyDictionary<RouteKey, (double Hits, double Requests)> Routes => _routes;

    public double Hits { get; private set; }

    public double Requests { get; private set; }

    /// <param name="tally">What happened.</param>
    /// <param name="kind">Which answers are hits.</param>
    /// <param name="pressure">See <see cref="RateLimits.Pressure"/>.</param>
    public static RouteCounts Of(TrafficTally tally, AnswerKind kind, double pressure = 1)
    {
        var counts = new RouteCounts();
        var others = RateLimits.Under(0, pressure);
        foreach (var (key, requests) in tally.Requests)
        {
            counts.Add(new RouteKey(key.Service, key.Route), kind.Includes(key) ? requests : others * requests, requests);
        }

        return counts;
    }

    private void Add(RouteKey route, double hits, double requests)
    {
        var known = _routes.GetValueOrDefault(route);
        _routes[route] = (known.Hits + hits, known.Requests + requests);
        Hits += hits;
        Requests += requests;
    }
}
