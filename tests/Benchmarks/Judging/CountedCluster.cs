using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Sources;

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>A node whose counters grow second by second as those of real traffic do.</summary>
internal sealed class CountedCluster(string version, Chance chance)
{
    private const int Routes = 5;
    private readonly Dictionary<RouteCode, double> _requests = [];
    private LatencyTotal _request;
    private LatencyTotal _upstream;
    private double _nginx;

    /// <summary>Requests a second.</summary>
    public double Rate { get; set; }

    /// <summary>Share of 5xx.</summary>
    public double Errors { get; set; }

    /// <summary>Share answered 401, and the same of 404: what clients cause.</summary>
    public double ClientErrors { get; set; }

    /// <summary>Share of requests that find no route.</summary>
    public double Lost { get; set; }

    /// <summary>Mean of what Kong adds, milliseconds.</summary>
    public double OwnLatency { get; set; } = 5;

    /// <summary>Requests and errors of the last second.</summary>
    public (int Requests, int Errors) Last { get; private set; }

    /// <summary>Lets a second pass.</summary>
    /// <param name="burst">Errors that come together in this second, as far as there are requests.</param>
    public NodeReading Pass(int burst = 0)
    {
        var arrivals = chance.Poisson(Rate);
        _nginx += chance.Binomial(arrivals, Lost / (1 - Lost));
        var (left, errors) = (arrivals, 0);
        for (var route = 0; route < Routes; route++)
        {
            var here = route == Routes - 1 ? left : chance.Binomial(left, 1.0 / (Routes - route));
            left -= here;
            var failed = chance.Binomial(here, Errors);
            var more = Math.Min(here - failed, burst);
            burst -= more;
            var unauthorized = chance.Binomial(here - failed - more, ClientErrors);
            var unknown = chance.Binomial(here - failed - more - unauthorized, ClientErrors);
            Count(route, 200, here - failed - more - unauthorized - unknown);
            Count(route, 401, unauthorized);
            Count(route, 404, unknown);
            Count(route, 500, failed + more);
            errors += failed + more;
        }

        Last = (arrivals, errors);
        var upstream = chance.SumOfExponentials(arrivals, 20);
        _request += new LatencyTotal(upstream + chance.SumOfExponentials(arrivals, OwnLatency), arrivals);
        _upstream += new LatencyTotal(upstream, arrivals);
        _nginx += arrivals + 2;
        return Read();
    }

    private void Count(int route, int code, int count)
    {
        if (count > 0)
        {
            var key = new RouteCode("s", $"r{route}", code);
            _requests[key] = _requests.GetValueOrDefault(key) + count;
        }
    }

    /// <summary>Its counters as they are.</summary>
    public NodeReading Read() => new()
    {
        Node = "n1",
        Ready = true,
        DatabaseReachable = true,
        Version = version,
        OwnRequests = 2,
        Sample = new NodeSample
        {
            Families = _requests.Count > 0 ? (MetricFamilies)1023 : (MetricFamilies)1023 & ~(MetricFamilies.Requests | MetricFamilies.RequestLatency),
            Requests = new Dictionary<RouteCode, double>(_requests),
            RequestLatency = _request,
            UpstreamLatency = _upstream,
            NginxRequests = _nginx,
            DatastoreReachable = true,
        },
    };
}
