using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Sources;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

/// <summary>One node whose counters grow as real ones do: random arrivals, random outcomes.</summary>
public sealed class SimulatedCluster(string version, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<RouteCode, double> _requests = [];
    private readonly Dictionary<RouteKey, RouteLatency> _latencies = [];
    private double _nginx;

    /// <summary>Requests a second.</summary>
    public double Rate { get; set; }

    /// <summary>Shares of codes; what is left is 200.</summary>
    public Dictionary<int, double> Codes { get; } = [];

    /// <summary>Share of requests that find no route.</summary>
    public double Unmatched { get; set; }

    /// <summary>Requests a second that are no client's: health checks, other scrapers.</summary>
    public double Checks { get; set; }

    /// <summary>Mean of what Kong adds, milliseconds; exponential.</summary>
    public double OwnLatency { get; set; } = 5;

    /// <summary>Mean of what the upstream takes, milliseconds; exponential.</summary>
    public double UpstreamLatency { get; set; } = 20;

    /// <summary>What Kong adds to one request, instead of <see cref="OwnLatency"/>; null for that.</summary>
    public Func<Random, double>? OwnLatencyOf { get; set; }

    /// <summary>Whether it exposes sums and counts of latencies alone.</summary>
    public bool WithoutBuckets { get; set; }

    public bool Ready { get; set; } = true;

    public bool Database { get; set; } = true;

    public bool Readable { get; set; } = true;

    /// <summary>Whether who does not answer is the node; false when it is a Prometheus that was asked instead.</summary>
    public bool AskedItself { get; set; } = true;

    public MetricFamilies Hidden { get; set; }

    public string Version { get; set; } = version;

    public double MetricErrors { get; set; }

    public void Restart()
    {
        _requests.Clear();
        _latencies.Clear();
        _nginx = 0;
    }

    /// <summary>Lets time pass and answers as the node's endpoints would.</summary>
    public NodeReading Pass(double seconds)
    {
        var arrivals = Poisson(Rate * seconds);
        for (var i = 0; i < arrivals; i++)
        {
            _nginx++;
            if (_random.NextDouble() >= Unmatched)
            {
                Serve();
            }
        }

        _nginx += Poisson(Checks * seconds) + 2;
        return Readable ? Read() : new NodeReading { Node = "n1", Ready = AskedItself ? false : null, OwnRequests = 0, Problem = "no answer within 2.5 s" };
    }

    private NodeReading Read() => new()
    {
        Node = "n1",
        Ready = Ready,
        DatabaseReachable = Database,
        Version = Version,
        OwnRequests = 2,
        Sample = new NodeSample
        {
            Families = (_requests.Count > 0 ? (MetricFamilies)1023 : (MetricFamilies)1023 & ~(MetricFamilies.Requests | MetricFamilies.RequestLatency)) & ~Hidden,
            Requests = Hidden.HasFlag(MetricFamilies.Requests) ? new Dictionary<RouteCode, double>() : new Dictionary<RouteCode, double>(_requests),
            RequestLatency = Total(LatencyKind.Request),
            KongLatency = Total(LatencyKind.Kong),
            UpstreamLatency = Total(LatencyKind.Upstream),
            Latencies = WithoutBuckets || Hidden.HasFlag(MetricFamilies.RequestLatency) ? new Dictionary<RouteKey, RouteLatency>() : _latencies.ToDictionary(static r => r.Key, static r => r.Value.Since(null)),
            NginxRequests = _nginx,
            DatastoreReachable = Database,
            MetricErrors = MetricErrors,
        },
    };

    private void Serve()
    {
        var key = new RouteCode("s", $"r{_random.Next(5)}", Code());
        _requests[key] = _requests.GetValueOrDefault(key) + 1;
        var route = new RouteKey(key.Service, key.Route);
        if (!_latencies.TryGetValue(route, out var latency))
        {
            _latencies[route] = latency = new RouteLatency();
        }

        var (upstream, own) = (Exponential(UpstreamLatency), OwnLatencyOf?.Invoke(_random) ?? Exponential(OwnLatency));
        latency.Observe(LatencyKind.Kong, own);
        latency.Observe(LatencyKind.Upstream, upstream);
        latency.Observe(LatencyKind.Request, upstream + own);
    }

    private LatencyTotal Total(LatencyKind kind) => Hidden.HasFlag(MetricFamilies.RequestLatency) ? default : _latencies.Values.Aggregate(default(LatencyTotal), (sum, r) => sum + r.Total(kind));

    private int Code()
    {
        var dice = _random.NextDouble();
        foreach (var (code, share) in Codes)
        {
            if ((dice -= share) < 0)
            {
                return code;
            }
        }

        return 200;
    }

    private double Exponential(double mean) => -mean * Math.Log(1 - _random.NextDouble());

    private int Poisson(double mean)
    {
        // Knuth's product of uniforms, in pieces so that e^-mean does not vanish.
        var count = 0;
        while (mean > 0)
        {
            var piece = Math.Min(mean, 20);
            mean -= piece;
            var limit = Math.Exp(-piece);
            for (var product = _random.NextDouble(); product > limit; product *= _random.NextDouble())
            {
                count++;
            }
        }

        return count;
    }
}
