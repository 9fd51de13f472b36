using System.Collections.Frozen;
using System.Text;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>The metrics of Kong 2.x and 3.x that are used. All others are skipped unread.</summary>
internal static class KongFamilies
{
    private static readonly FrozenDictionary<byte[], MetricFamily>.AlternateLookup<ReadOnlySpan<byte>> Families = new Dictionary<string, MetricFamily>
    {
        ["kong_http_status"] = static (sample, point, _) => sample.CountRequests2(point),
        ["kong_http_requests_total"] = static (sample, point, _) => sample.CountRequests3(point),
        ["kong_nginx_http_current_connections"] = static (sample, point, _) => sample.TakeConnections(point),
        ["kong_nginx_connections_total"] = OfHttp(static (sample, point) => sample.TakeConnections(point)),
        ["kong_nginx_requests_total"] = OfHttp(static (sample, point) => sample.TakeNginxRequests(point)),
        ["kong_datastore_reachable"] = static (sample, point, _) => sample.TakeDatastore(point),
        ["kong_memory_workers_lua_vms_bytes"] = static (sample, point, _) => sample.TakeWorkerMemory(point),
        ["kong_memory_lua_shared_dict_bytes"] = OfHttp(static (sample, point) => sample.TakeSharedMemoryUsed(point)),
        ["kong_memory_lua_shared_dict_total_bytes"] = OfHttp(static (sample, point) => sample.TakeSharedMemoryCapacity(point)),
        ["kong_upstream_target_health"] = OfHttp(static (sample, point) => sample.TakeTarget(point)),
        ["kong_nginx_metric_errors_total"] = static (sample, point, _) => sample.TakeMetricErrors(point),
        ["kong_node_info"] = static (sample, point, _) => sample.TakeNodeInfo(point),
    }
    .Concat(Histogram("kong_latency", LatencyCollector.KindOf))
    .Concat(Histogram("kong_kong_latency_ms", static _ => LatencyKind.Kong))
    .Concat(Histogram("kong_request_latency_ms", static _ => LatencyKind.Request))
    .Concat(Histogram("kong_upstream_latency_ms", static _ => LatencyKind.Upstream))
    .ToFrozenDictionary(static f => Encoding.ASCII.GetBytes(f.Key), static f => f.Value, BytesComparer.Instance)
    .GetAlternateLookup<ReadOnlySpan<byte>>();

    private delegate void HttpFamily(NodeSampleBuilder sample, MetricPoint point);

    private delegate LatencyKind? KindOf(MetricPoint point);

    /// <summary>How a metric is taken; null when it is not used.</summary>
    /// <param name="name">Its name as it stands on the line.</param>
    public static MetricFamily? Find(ReadOnlySpan<byte> name) => Families.TryGetValue(name, out var family) ? family : null;

    // The stream subsystem has series of the same names.
    private static MetricFamily OfHttp(HttpFamily take) => (sample, point, _) =>
    {
        if (IsHttp(point.Label("subsystem"u8)) && IsHttp(point.Label("kong_subsystem"u8)))
        {
            take(sample, point);
        }
    };

    private static bool IsHttp(ReadOnlySpan<byte> subsystem) => subsystem.IsEmpty || subsystem.SequenceEqual("http"u8);

    private static Dictionary<string, MetricFamily> Histogram(string name, KindOf kindOf) => new()
    {
        [$"{name}_bucket"] = (sample, point, line) =>
        {
            if (kindOf(point) is { } kind)
            {
                sample.Latency.TakeBucket(kind, point, line);
            }
        },
        [$"{name}_sum"] = (sample, point, _) =>
        {
            if (kindOf(point) is { } kind)
            {
                sample.Latency.TakeSum(kind, point);
            }
        },
        [$"{name}_count"] = (sample, point, _) =>
        {
            if (kindOf(point) is { } kind)
            {
                sample.Latency.TakeCount(kind, point);
            }
        },
    };
}
