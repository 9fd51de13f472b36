namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Which kinds of metric a node exposed. What is absent is unknown, never zero.</summary>
[Flags]
public enum MetricFamilies
{
    /// <summary>Nothing known of Kong was there.</summary>
    None = 0,

    /// <summary>Requests by service, route and code. 3.x: only with <c>status_code_metrics</c>; both versions: only after the first request with a service.</summary>
    Requests = 1,

    /// <summary>Latency of requests. 3.x: only with <c>latency_metrics</c>.</summary>
    RequestLatency = 2,

    /// <summary>Latency added by Kong.</summary>
    KongLatency = 4,

    /// <summary>Latency of the upstream services.</summary>
    UpstreamLatency = 8,

    /// <summary>All requests that nginx has taken, with or without a route, on every port.</summary>
    NginxRequests = 16,

    /// <summary>Connections by state.</summary>
    Connections = 32,

    /// <summary>Whether the database can be reached.</summary>
    Datastore = 64,

    /// <summary>Memory of the workers.</summary>
    WorkerMemory = 128,

    /// <summary>Errors of the metrics library itself; a rise means lost samples.</summary>
    MetricErrors = 256,

    /// <summary>Version and node id (3.x).</summary>
    NodeInfo = 512,
}
