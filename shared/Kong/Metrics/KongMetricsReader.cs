using System.Collections.Frozen;
using System.Globalization;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Turns what a Kong 2.x or 3.x node exposes at <c>/metrics</c> into one <see cref="NodeSample"/>.</summary>
public static class KongMetricsReader
{
    private static readonly FrozenSet<string> Wanted = FrozenSet.Create(
        StringComparer.Ordinal,
        "kong_http_status",
        "kong_http_requests_total",
        "kong_latency_bucket",
        "kong_latency_sum",
        "kong_latency_count",
        "kong_request_latency_ms_bucket",
        "kong_request_latency_ms_sum",
        "kong_request_latency_ms_count",
        "kong_kong_latency_ms_bucket",
        "kong_kong_latency_ms_sum",
        "kong_kong_latency_ms_count",
        "kong_upstream_latency_ms_bucket",
        "kong_upstream_latency_ms_sum",
        "kong_upstream_latency_ms_count",
        "kong_nginx_http_current_connections",
        "kong_nginx_connections_total",
        "kong_nginx_requests_total",
        "kong_datastore_reachable",
        "kong_memory_workers_lua_vms_bytes",
        "kong_memory_lua_shared_dict_bytes",
        "kong_memory_lua_shared_dict_total_bytes",
        "kong_upstream_target_health",
        "kong_nginx_metric_errors_total",
        "kong_node_info");

    /// <summary>Whether the values of a metric are used.</summary>
    /// <param name="name">The metric's name as it stands on the line, with <c>_sum</c>, <c>_count</c> or <c>_bucket</c>.</param>
    public static bool IsUsed(string name) => Wanted.Contains(name);

    /// <summary>Reads one exposition to its end.</summary>
    /// <param name="stream">The body of the answer.</param>
    /// <param name="limits">Bounds; <see cref="ExpositionLimits.Default"/> fits Kong.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ExpositionException">The text is cut off, too large, malformed or holds impossible values: the node is unknown at this moment.</exception>
    public static async Task<NodeSample> ReadAsync(Stream stream, ExpositionLimits limits, CancellationToken cancellationToken)
    {
        var sample = new Collector();
        await ExpositionReader.ReadAsync(
            stream,
            Wanted,
            limits,
            (point, line) =>
            {
                if (!double.IsFinite(point.Value) || point.Value < 0)
                {
                    throw new ExpositionException(ExpositionFault.ImpossibleValue, line);
                }

                sample.Take(point);
            },
            cancellationToken,
            sample.Latency.TryTake);
        return sample.ToSample();
    }

    private sealed class Collector
    {
        private readonly Dictionary<RouteCode, double> _requests2 = [];
        private readonly Dictionary<RouteCode, double> _requests3 = [];
        private MetricFamilies _families;
        private double _nginx2;
        private double _nginx3;
        private double _inFlight;
        private bool? _datastore;
        private readonly Dictionary<string, SharedMemory> _shared = [];
        private readonly Dictionary<UpstreamTarget, TargetHealth> _targets = [];
        private double _memory;
        private int _workers;
        private double _metricErrors;
        private string? _nodeId;
        private string? _version;
        private bool _is3;

        public LatencyCollector Latency { get; } = new();

        public void Take(MetricPoint point)
        {
            switch (point.Name)
            {
                case "kong_http_status":
                    Count(_requests2, point);
                    break;
                case "kong_http_requests_total":
                    Count(_requests3, point);
                    break;
                case "kong_nginx_http_current_connections":
                    TakeConnections(point, ref _nginx2);
                    break;
                case "kong_nginx_connections_total" when IsHttp(point):
                    TakeConnections(point, ref _nginx2);
                    break;
                case "kong_nginx_requests_total" when IsHttp(point):
                    _is3 = true;
                    _nginx3 += point.Value;
                    _families |= MetricFamilies.NginxRequests;
                    break;
                case "kong_datastore_reachable":
                    _datastore = point.Value > 0;
                    _families |= MetricFamilies.Datastore;
                    break;
                case "kong_memory_workers_lua_vms_bytes":
                    _memory += point.Value;
                    _workers++;
                    _families |= MetricFamilies.WorkerMemory;
                    break;
                case "kong_memory_lua_shared_dict_bytes" when IsHttp(point):
                    Share(point, static (shared, bytes) => shared with { UsedBytes = bytes });
                    break;
                case "kong_memory_lua_shared_dict_total_bytes" when IsHttp(point):
                    Share(point, static (shared, bytes) => shared with { CapacityBytes = bytes });
                    break;
                case "kong_upstream_target_health" when IsHttp(point) && point.Value > 0:
                    TakeTarget(point);
                    break;
                case "kong_memory_lua_shared_dict_bytes" or "kong_memory_lua_shared_dict_total_bytes" or "kong_upstream_target_health":
                    break;
                case "kong_nginx_metric_errors_total":
                    _metricErrors = point.Value;
                    _families |= MetricFamilies.MetricErrors;
                    break;
                case "kong_node_info":
                    _nodeId = point.Label("node_id");
                    _version = point.Label("version");
                    _families |= MetricFamilies.NodeInfo;
                    break;
                default:
                    break;
            }
        }

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
        };

        private static AnswerOrigin Origin(MetricPoint point) => point.Label("source") switch
        {
            "" => AnswerOrigin.Unknown,
            "service" => AnswerOrigin.Service,
            _ => AnswerOrigin.Gateway,
        };

        private static bool IsHttp(MetricPoint point) => point.Label("subsystem") is "http" or "" && point.Label("kong_subsystem") is "http" or "";

        private void Share(MetricPoint point, Func<SharedMemory, double, SharedMemory> change)
        {
            var name = point.Label("shared_dict");
            _shared[name] = change(_shared.GetValueOrDefault(name), point.Value);
        }

        private void TakeTarget(MetricPoint point)
        {
            var health = point.Label("state") switch
            {
                "healthy" => TargetHealth.Healthy,
                "unhealthy" => TargetHealth.Unhealthy,
                "dns_error" => TargetHealth.DnsError,
                _ => TargetHealth.Unchecked,
            };
            var target = new UpstreamTarget(point.Label("upstream"), point.Label("target"));
            _targets[target] = _targets.TryGetValue(target, out var known) && known > health ? known : health;
        }

        private void Count(Dictionary<RouteCode, double> requests, MetricPoint point)
        {
            _families |= MetricFamilies.Requests;
            var code = int.TryParse(point.Label("code"), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
            var key = new RouteCode(point.Label("service"), point.Label("route"), code, code >= 500 ? Origin(point) : AnswerOrigin.Unknown);

            // 3.x splits one code further by workspace and consumer, and by source, which tells something of errors only.
            requests[key] = requests.GetValueOrDefault(key) + point.Value;
        }

        private void TakeConnections(MetricPoint point, ref double nginx)
        {
            switch (point.Label("state"))
            {
                case "total":
                    nginx += point.Value;
                    _families |= MetricFamilies.NginxRequests;
                    break;
                case "reading" or "writing":
                    _inFlight += point.Value;
                    _families |= MetricFamilies.Connections;
                    break;
                default:
                    break;
            }
        }
    }
}
