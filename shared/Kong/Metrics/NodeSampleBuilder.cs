using System.Globalization;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Makes a <see cref="NodeSample"/> of the lines of one exposition.</summary>
/// <param name="texts">Decodes names.</param>
/// <param name="added">Labels that are not the node's own; null where the node itself was asked.</param>
internal sealed class NodeSampleBuilder(TextPool texts, TargetLabels? added = null)
{
    // The year 9999, which is as far as a date goes.
    private const long MostMilliseconds = 253_402_300_799_999;

    private readonly Dictionary<RouteCode, double> _requests2 = [];
    private readonly Dictionary<RouteCode, double> _requests3 = [];
    private readonly Dictionary<string, SharedMemory> _shared = [];
    private readonly Dictionary<UpstreamTarget, TargetHealth> _targets = [];
    private MetricFamilies _families;
    private double _nginx2;
    private double _nginx3;
    private double _inFlight;
    private bool? _datastore;
    private double _memory;
    private int _workers;
    private double _metricErrors;
    private string? _nodeId;
    private string? _version;
    private bool _is3;
    private bool _seen2;
    private bool _seen3;
    private long? _measuredAt;

    // The lines of a metric stand together.
    private byte[] _name = [];
    private MetricFamily? _family;

    /// <summary>The latencies.</summary>
    public LatencyCollector Latency { get; } = new(texts);

    /// <summary>Takes a line.</summary>
    /// <exception cref="ExpositionException">It is one of a metric that is used, and malformed or impossible.</exception>
    public void Take(ReadOnlySpan<byte> line, int number)
    {
        if (Latency.TryTakeNextBucket(line))
        {
            return;
        }

        var name = MetricLine.NameOf(line);
        if (!name.SequenceEqual(_name))
        {
            _family = KongFamilies.Find(name);
            _name = name.ToArray();
        }

        if (_family is null)
        {
            return;
        }

        if (!MetricLine.TryParse(line, out var point, number, added))
        {
            throw new ExpositionException(ExpositionFault.Malformed, number);
        }

        if (!double.IsFinite(point.Value) || point.Value < 0)
        {
            throw new ExpositionException(ExpositionFault.ImpossibleValue, number);
        }

        _family(this, point, line);
    }

    /// <summary>What was taken.</summary>
    public NodeSample ToSample() => new()
    {
        Families = _families | Latency.Families,
        Requests = _requests3.Count > 0 ? _requests3 : _requests2,
        RequestLatency = Latency.Total(LatencyKind.Request),
        KongLatency = Latency.Total(LatencyKind.Kong),
        UpstreamLatency = Latency.Total(LatencyKind.Upstream),
        Latencies = Latency.Routes,
        NginxRequests = _is3 ? _nginx3 : _nginx2,
        InFlight = _inFlight,
        DatastoreReachable = _datastore,
        WorkerMemoryBytes = _memory,
        Workers = _workers,
        SharedMemory = _shared,
        Targets = _targets,
        MetricErrors = _metricErrors,
        NodeId = _nodeId,
        Version = _version,
        MeasuredAt = _measuredAt is >= 0 and <= MostMilliseconds and var at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
    };

    /// <summary>Requests as Kong 2.x counts them.</summary>
    public void CountRequests2(MetricPoint point) => Count(_requests2, point);

    /// <summary>Requests as Kong 3.x counts them.</summary>
    public void CountRequests3(MetricPoint point) => Count(_requests3, point);

    /// <summary>Connections by state; of Kong 2.x all requests too.</summary>
    public void TakeConnections(MetricPoint point)
    {
        var state = point.Label("state"u8);
        if (state.SequenceEqual("total"u8))
        {
            _nginx2 = Once(ref _seen2, point);
        }
        else if (state.SequenceEqual("reading"u8) || state.SequenceEqual("writing"u8))
        {
            _inFlight += point.Value;
            _families |= MetricFamilies.Connections;
        }
    }

    /// <summary>All requests, as Kong 3.x counts them.</summary>
    public void TakeNginxRequests(MetricPoint point)
    {
        _is3 = true;
        _nginx3 = Once(ref _seen3, point);
    }

    /// <summary>Whether the database can be reached.</summary>
    public void TakeDatastore(MetricPoint point)
    {
        _datastore = point.Value > 0;
        _families |= MetricFamilies.Datastore;
    }

    /// <summary>Memory of one worker.</summary>
    public void TakeWorkerMemory(MetricPoint point)
    {
        _memory += point.Value;
        _workers++;
        _families |= MetricFamilies.WorkerMemory;
    }

    /// <summary>Bytes in use of a dictionary that workers share.</summary>
    public void TakeSharedMemoryUsed(MetricPoint point)
    {
        var name = texts.TextOf(point.Label("shared_dict"u8));
        _shared[name] = _shared.GetValueOrDefault(name) with { UsedBytes = point.Value };
    }

    /// <summary>Bytes that such a dictionary can hold.</summary>
    public void TakeSharedMemoryCapacity(MetricPoint point)
    {
        var name = texts.TextOf(point.Label("shared_dict"u8));
        _shared[name] = _shared.GetValueOrDefault(name) with { CapacityBytes = point.Value };
    }

    /// <summary>What the node thinks of a target: the state that has the value 1.</summary>
    public void TakeTarget(MetricPoint point)
    {
        if (point.Value <= 0)
        {
            return;
        }

        var health = point.Label("state"u8) switch
        {
            var state when state.SequenceEqual("healthy"u8) => TargetHealth.Healthy,
            var state when state.SequenceEqual("unhealthy"u8) => TargetHealth.Unhealthy,
            var state when state.SequenceEqual("dns_error"u8) => TargetHealth.DnsError,
            _ => TargetHealth.Unchecked,
        };
        var target = new UpstreamTarget(texts.TextOf(point.Label("upstream"u8)), texts.TextOf(point.Label("target"u8)));
        _targets[target] = _targets.TryGetValue(target, out var known) && known > health ? known : health;
    }

    /// <summary>Errors of the metrics library.</summary>
    public void TakeMetricErrors(MetricPoint point)
    {
        _metricErrors = point.Value;
        _families |= MetricFamilies.MetricErrors;
    }

    /// <summary>Who the node is.</summary>
    public void TakeNodeInfo(MetricPoint point)
    {
        _nodeId = texts.TextOf(point.Label("node_id"u8));
        _version = texts.TextOf(point.Label("version"u8));
        _families |= MetricFamilies.NodeInfo;
    }

    private static AnswerOrigin OriginOf(ReadOnlySpan<byte> source) =>
        source.IsEmpty ? AnswerOrigin.Unknown
        : source.SequenceEqual("service"u8) ? AnswerOrigin.Service
        : AnswerOrigin.Gateway;

    // A node has one such counter. Two added up would count every request twice, and be twice as sure of what they tell.
    private double Once(ref bool seen, MetricPoint point)
    {
        if (seen)
        {
            throw new ExpositionException(ExpositionFault.Doubled, point.Number);
        }

        seen = true;
        _families |= MetricFamilies.NginxRequests;
        _measuredAt = point.Timestamp;
        return point.Value;
    }

    private void Count(Dictionary<RouteCode, double> requests, MetricPoint point)
    {
        _families |= MetricFamilies.Requests;
        var code = int.TryParse(point.Label("code"u8), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        var origin = code >= 500 ? OriginOf(point.Label("source"u8)) : AnswerOrigin.Unknown;
        var key = new RouteCode(texts.TextOf(point.Label("service"u8)), texts.TextOf(point.Label("route"u8)), code, origin);

        // 3.x splits one code further by workspace and consumer, and by source, which tells something of errors only.
        requests[key] = requests.GetValueOrDefault(key) + point.Value;
    }
}
