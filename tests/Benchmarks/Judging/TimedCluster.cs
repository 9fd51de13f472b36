using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Sources;

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>A node whose latency histograms grow request by request.</summary>
internal sealed class TimedCluster(string version, Chance chance, LatencyModel model)
{
    private const int Routes = 5;
    private static readonly LatencyKind[] Kinds = [LatencyKind.Kong, LatencyKind.Request, LatencyKind.Upstream];
    private readonly RouteLatency[] _routes = [.. Enumerable.Range(0, Routes).Select(static _ => new RouteLatency())];
    private readonly double[] _requests = new double[Routes];
    private double _nginx;

    /// <summary>Requests a second.</summary>
    public double Rate { get; set; }

    /// <summary>Factor of what Kong adds.</summary>
    public double KongFactor { get; set; } = 1;

    /// <summary>What Kong adds beyond that, milliseconds.</summary>
    public double KongMore { get; set; }

    /// <summary>Factor of what the upstream services take.</summary>
    public double UpstreamFactor { get; set; } = 1;

    /// <summary>Mean of what Kong added in the last second; 0 without requests.</summary>
    public double Last { get; private set; }

    /// <summary>Lets a second pass.</summary>
    public NodeReading Pass()
    {
        var (arrivals, sum) = (chance.Poisson(Rate), 0.0);
        for (var i = 0; i < arrivals; i++)
        {
            var route = (int)(chance.Uniform() * Routes);
            var (kong, upstream) = ((model.Kong(chance) * KongFactor) + KongMore, model.Upstream(chance) * UpstreamFactor);
            _requests[route]++;
            _routes[route].Observe(LatencyKind.Kong, kong);
            _routes[route].Observe(LatencyKind.Upstream, upstream);
            _routes[route].Observe(LatencyKind.Request, kong + upstream);
            sum += kong;
        }

        Last = arrivals == 0 ? 0 : sum / arrivals;
        _nginx += arrivals + 2;
        return Read();
    }

    /// <summary>Its counters as they are.</summary>
    public NodeReading Read()
    {
        var total = Kinds.ToDictionary(static k => k, k => _routes.Aggregate(default(LatencyTotal), (all, r) => all + r.Total(k)));
        return new NodeReading
        {
            Node = "n1",
            Ready = true,
            DatabaseReachable = true,
            Version = version,
            OwnRequests = 2,
            Sample = new NodeSample
            {
                Families = _nginx > 10 ? (MetricFamilies)1023 : (MetricFamilies)1023 & ~(MetricFamilies.Requests | MetricFamilies.RequestLatency),
                Requests = Enumerable.Range(0, Routes).ToDictionary(static r => new RouteCode("s", $"r{r}", 200), r => _requests[r]),
                KongLatency = total[LatencyKind.Kong],
                RequestLatency = total[LatencyKind.Request],
                UpstreamLatency = total[LatencyKind.Upstream],
                Latencies = Enumerable.Range(0, Routes).ToDictionary(static r => new RouteKey("s", $"r{r}"), r => _routes[r].Since(null)),
                NginxRequests = _nginx,
                DatastoreReachable = true,
            },
        };
    }
}
