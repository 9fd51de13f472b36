using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>What happened on some nodes over some time: differences of counters, to be added up.</summary>
public sealed class TrafficTally
{
    private readonly Dictionary<RouteCode, double> _requests = [];
    private readonly Dictionary<RouteKey, RouteLatency> _latencies = [];

    /// <summary>Requests by service, route and code.</summary>
    public IReadOnlyDictionary<RouteCode, double> Requests => _requests;

    /// <summary>All requests with a route.</summary>
    public double Total { get; private set; }

    /// <summary>Latency histograms by route, only of routes that were called; without histograms one for all, under an empty key.</summary>
    public IReadOnlyDictionary<RouteKey, RouteLatency> Latencies => _latencies;

    /// <summary>Latency of whole requests.</summary>
    public LatencyTotal RequestLatency { get; private set; }

    /// <summary>Latency of the upstream services.</summary>
    public LatencyTotal UpstreamLatency { get; private set; }

    /// <summary>Requests that nginx took, on every port, less those still in flight and less our own.</summary>
    public double NginxRequests { get; private set; }

    /// <summary>Errors of the metrics library.</summary>
    public double MetricErrors { get; private set; }

    /// <summary>Requests that nginx took and no route counted; negative values are noise of the counters' timing.</summary>
    public double Unmatched => NginxRequests - Total;

    /// <summary>Milliseconds per request that were spent outside the upstream services.</summary>
    public double? OwnLatency => RequestLatency.Count > 0 ? (RequestLatency.Milliseconds - UpstreamLatency.Milliseconds) / RequestLatency.Count : null;

    /// <summary>Milliseconds per request.</summary>
    public double? MeanLatency => RequestLatency.Count > 0 ? RequestLatency.Milliseconds / RequestLatency.Count : null;

    /// <summary>The sum of several.</summary>
    public static TrafficTally Sum(IEnumerable<TrafficTally> parts)
    {
        var sum = new TrafficTally();
        foreach (var part in parts)
        {
            sum.Add(part);
        }

        return sum;
    }

    /// <summary>Adds requests of one route and code.</summary>
    public void AddRequests(RouteCode key, double count)
    {
        if (count > 0)
        {
            _requests[key] = _requests.GetValueOrDefault(key) + count;
            Total += count;
        }
    }

    /// <summary>Adds latencies.</summary>
    public void AddLatency(LatencyTotal request, LatencyTotal upstream)
    {
        RequestLatency += request;
        UpstreamLatency += upstream;
    }

    /// <summary>Adds the latency histograms of a route.</summary>
    public void AddLatency(RouteKey route, RouteLatency latency, double scale = 1)
    {
        if (latency.Total(LatencyKind.Request).Count <= 0 && latency.Total(LatencyKind.Kong).Count <= 0)
        {
            return;
        }

        if (!_latencies.TryGetValue(route, out var sum))
        {
            _latencies[route] = sum = new RouteLatency();
        }

        sum.Add(latency, scale);
    }

    /// <summary>Adds requests seen by nginx and errors of the metrics library.</summary>
    public void AddNginx(double requests, double metricErrors)
    {
        NginxRequests += requests;
        MetricErrors += metricErrors;
    }

    /// <summary>Adds another tally, scaled.</summary>
    public void Add(TrafficTally other, double scale = 1)
    {
        foreach (var (key, count) in other._requests)
        {
            AddRequests(key, count * scale);
        }

        foreach (var (route, latency) in other._latencies)
        {
            AddLatency(route, latency, scale);
        }

        AddLatency(Scale(other.RequestLatency, scale), Scale(other.UpstreamLatency, scale));
        AddNginx(other.NginxRequests * scale, other.MetricErrors * scale);
    }

    /// <summary>Requests whose code is accepted.</summary>
    public double Count(Func<int, bool> codes) => _requests.Where(r => codes(r.Key.Code)).Sum(static r => r.Value);

    /// <summary>Requests that were answered so.</summary>
    public double Count(AnswerKind kind) => _requests.Where(r => kind.Includes(r.Key)).Sum(static r => r.Value);

    /// <summary>The requests of some routes alone, without latencies.</summary>
    public TrafficTally Only(Func<RouteCode, bool> accepted)
    {
        var only = new TrafficTally();
        foreach (var (key, count) in _requests.Where(r => accepted(r.Key)))
        {
            only.AddRequests(key, count);
        }

        return only;
    }

    /// <summary>The same without the requests of some routes; only what their latencies add to the totals over all routes stays in.</summary>
    public TrafficTally Without(Func<RouteKey, bool> left)
    {
        var rest = Only(k => !left(new RouteKey(k.Service, k.Route)));
        foreach (var (route, latency) in _latencies.Where(l => !left(l.Key)))
        {
            rest.AddLatency(route, latency);
        }

        rest.AddLatency(RequestLatency, UpstreamLatency);
        rest.AddNginx(NginxRequests - (Total - rest.Total), MetricErrors);
        return rest;
    }

    private static LatencyTotal Scale(LatencyTotal total, double scale) => new(total.Milliseconds * scale, total.Count * scale);
}
