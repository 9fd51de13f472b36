using System.Collections.Frozen;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>What one Kong node said of itself at one moment, the same for Kong 2.x and 3.x. Counters count since the node started.</summary>
public sealed record NodeSample
{
    /// <summary>What was there. A value whose family is absent is meaningless.</summary>
    public required MetricFamilies Families { get; init; }

    /// <summary>Requests by service, route and code. Requests without a service (2.8 to 3.5) or without a route (from 3.6) are in none of them.</summary>
    public required IReadOnlyDictionary<RouteCode, double> Requests { get; init; }

    /// <summary>From the first byte of the request to the last of the answer.</summary>
    public LatencyTotal RequestLatency { get; init; }

    /// <summary>What Kong and its plugins added.</summary>
    public LatencyTotal KongLatency { get; init; }

    /// <summary>What the upstream services took; counts proxied requests only.</summary>
    public LatencyTotal UpstreamLatency { get; init; }

    /// <summary>Latency histograms by route; empty when the source has none.</summary>
    public IReadOnlyDictionary<RouteKey, RouteLatency> Latencies { get; init; } = FrozenDictionary<RouteKey, RouteLatency>.Empty;

    /// <summary>All requests taken by this nginx, those to the Admin and Status API included.</summary>
    public double NginxRequests { get; init; }

    /// <summary>Connections on which a request is being read or answered now.</summary>
    public double InFlight { get; init; }

    /// <summary>Whether the node reaches its database; null when not said.</summary>
    public bool? DatastoreReachable { get; init; }

    /// <summary>Bytes of the workers' Lua memory, all workers.</summary>
    public double WorkerMemoryBytes { get; init; }

    /// <summary>Workers that told their memory.</summary>
    public int Workers { get; init; }

    /// <summary>The dictionaries that the workers share, by name; empty when not said.</summary>
    public IReadOnlyDictionary<string, SharedMemory> SharedMemory { get; init; } = new Dictionary<string, SharedMemory>();

    /// <summary>The targets of upstreams; empty when not said (3.x: only with <c>upstream_health_metrics</c>) or when there are none. Of several addresses the worst.</summary>
    public IReadOnlyDictionary<UpstreamTarget, TargetHealth> Targets { get; init; } = new Dictionary<UpstreamTarget, TargetHealth>();

    /// <summary>Errors of the metrics library.</summary>
    public double MetricErrors { get; init; }

    /// <summary>The node's id; null when not said (2.x).</summary>
    public string? NodeId { get; init; }

    /// <summary>Kong's version; null when not said (2.x).</summary>
    public string? Version { get; init; }

    /// <summary>When this was so, by the clock of whoever read the node (Prometheus); null where the node itself was asked and it is now.</summary>
    public DateTimeOffset? MeasuredAt { get; init; }

    /// <summary>Whether all of <paramref name="families"/> were there.</summary>
    /// <param name="families">One or more kinds.</param>
    public bool Has(MetricFamilies families) => (Families & families) == families;

    /// <summary>All counted requests whose code is accepted.</summary>
    /// <param name="codes">Which codes; null for all.</param>
    public double CountRequests(Func<int, bool>? codes = null) => Requests.Where(r => codes is null || codes(r.Key.Code)).Sum(static r => r.Value);
}
