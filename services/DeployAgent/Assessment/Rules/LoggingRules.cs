using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.Kong.Versions;
using static KongUpgradeMesh.Contracts.Deployment.FindingSeverity;

namespace KongUpgradeMesh.DeployAgent.Assessment.Rules;

/// <summary>Logs, metrics and traces.</summary>
internal static class LoggingRules
{
    private static readonly string[] OldQueueFields = ["retry_count", "queue_size", "flush_timeout", "batch_span_count", "batch_flush_delay"];

    public static IReadOnlyList<BreakingChangeRule> All { get; } =
    [
        new("met-flags-off", "3.0", Info,
            "3.x ships request metrics switched off; the product switches them on in cluster Y before it is frozen.",
            static c => c.Describe(c.Plugins("prometheus"))),
        new("met-names", "3.0", Warning,
            "Metrics have other names and labels in 3.x: adapt dashboards and alerts (kong_http_status, kong_latency and kong_bandwidth are gone).",
            static c => c.Describe(c.Plugins("prometheus"))),
        new("met-buckets", "3.0", Info,
            "Histogram bounds differ between the versions: do not compare quantiles of the two in dashboards.",
            static c => c.Describe(c.Plugins("prometheus"))),
        new("met-statsd-prefix", "3.0", Warning, "Names sent to StatsD gain a prefix: adapt dashboards.",
            static c => c.Describe(c.Plugins("statsd"))),
        new("plg-http-log-headers", "3.0", Info,
            "Migration joins header lists of http-log to one string by itself; change files that hold lists.",
            static c => c.Describe(c.Plugins("http-log").Where(static p => p.HasElements("headers")))),
        new("plg-http-log-3xx", "3.3", Info, "A redirect of the log server counts as an error and is repeated: log to the final address.",
            static c => c.Describe(c.Plugins("http-log"))),
        new("plg-queues", "3.3", Warning,
            "The old queue parameters lose their effect: set config.queue on cluster Y after the upgrade.",
            static c => c.Describe(c.Plugins("http-log", "statsd", "datadog", "opentelemetry", "zipkin").Where(static p => OldQueueFields.Any(p.Has)))),
        new("plg-queues-types", "3.4", Blocker,
            "Queue sizes must be whole numbers and retry delays above a millisecond: correct them before the freeze.",
            static c => c.Describe(c.Entities.Plugins.Where(HasInvalidQueue))),
        new("plg-otel-batch-1", "3.3", Info, "Migration raises a batch size of 1 to 200 by itself.",
            static c => c.Describe(c.Plugins("opentelemetry").Where(static p => p.Number("queue.max_batch_size") == 1))),
        new("plg-referenceable-34", "3.4", Warning,
            "The first releases of 3.4 refuse vault references as log endpoint: write the address, or aim at a later patch.",
            static c => c.To < new KongVersion(3, 4, 1)
                ? c.Describe(c.Plugins("http-log", "opentelemetry").Where(static p => IsVault(p.Text("http_endpoint")) || IsVault(p.Text("endpoint"))))
                : []),
    ];

    private static bool HasInvalidQueue(PluginEntity plugin) =>
        new[] { "max_batch_size", "max_entries", "max_bytes" }.Any(f => plugin.Number("queue." + f) is { } n && n != decimal.Truncate(n))
        || new[] { "initial_retry_delay", "max_retry_delay" }.Any(f => plugin.Number("queue." + f) is <= 0.001m);

    private static bool IsVault(string? value) => value?.StartsWith("{vault://", StringComparison.Ordinal) == true;
}
