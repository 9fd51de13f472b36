using KongUpgradeMesh.Contracts.Deployment;
using static KongUpgradeMesh.Contracts.Deployment.FindingSeverity;

namespace KongUpgradeMesh.DeployAgent.Assessment.Rules;

/// <summary>Settings that lose their meaning, their default or their name. Kong drops unknown settings without a word.</summary>
internal static class KongConfRules
{
    private static readonly HashSet<string> NodeSettings =
    [
        "prefix", "database", "node_id", "proxy_listen", "admin_listen", "status_listen", "admin_gui_listen", "stream_listen", "cluster_listen",
        "cluster_telemetry_listen", "plugins",
    ];

    public static IReadOnlyList<BreakingChangeRule> All { get; } =
    [
        new("conf-go-plugins", "3.0", Blocker,
            "The external Go plugin server is gone: build Go plugins with the embedded server and name them in pluginserver_names.",
            static c => Set(c, k => k is "go_pluginserver_exe" || (k is "go_plugins_dir" && c.ConfigurationX[k] != "off"))),
        new("conf-client-max-body", "3.0", Blocker,
            "The setting is ignored by 3.x, so the limit would vanish: set nginx_http_client_max_body_size / nginx_http_client_body_buffer_size for cluster Y.",
            static c => Set(c, k => k is "client_max_body_size" or "client_body_buffer_size" && c.ConfigurationY["nginx_http_" + k] is null)),
        new("conf-keepalive-legacy", "3.0", Warning,
            "Old names of the upstream keep-alive settings are ignored: use upstream_keepalive_pool_size, _max_requests and _idle_timeout.",
            static c => Set(c, static k => k is "upstream_keepalive"
                || k.StartsWith("nginx_upstream_keepalive", StringComparison.Ordinal) || k.StartsWith("nginx_http_upstream_keepalive", StringComparison.Ordinal))),
        Removed("conf-nginx-optimizations", "3.0", Warning, "It has no effect any more: inject the nginx directives you need instead.", "nginx_optimizations"),
        Removed("conf-dp-cache", "3.0", Info, "Delete it; data planes keep their cache in LMDB.", "data_plane_config_cache_mode", "data_plane_config_cache_path"),
        Removed("db-cassandra-consistency-key", "3.0", Info, "Delete it; the alias is unknown to 3.x.", "cassandra_consistency"),
        new("db-cassandra-keys", "3.4", Warning, "Delete the Cassandra settings; they are ignored.",
            static c => Set(c, static k => k.StartsWith("cassandra_", StringComparison.Ordinal))),
        Removed("conf-opentelemetry-keys", "3.2", Info, "Use tracing_instrumentations and tracing_sampling_rate.", "opentelemetry_tracing", "opentelemetry_tracing_sampling_rate"),
        Removed("hybrid-legacy-protocol", "3.1", Info, "Delete it; only 3.0 knew it.", "legacy_hybrid_protocol"),
        Removed("conf-legacy-worker-events", "3.3", Info, "Delete it.", "legacy_worker_events"),
        Removed("conf-admin-api-uri", "3.4", Warning, "Use admin_gui_api_url.", "admin_api_uri"),
        Removed("conf-declarative-encryption", "3.4", Warning, "The data plane's cache is no longer encrypted: encrypt its volume.", "declarative_config_encryption_mode"),
        Removed("conf-privileged-agent", "3.5", Warning, "Delete it.", "privileged_agent", "admin_gui_origin"),
        new("conf-portal-vitals", "3.5", Warning, "Developer Portal and Vitals are gone: their settings do nothing on cluster Y.",
            static c => Set(c, static k => k is "portal" or "vitals" || k.StartsWith("portal_", StringComparison.Ordinal) || k.StartsWith("vitals_", StringComparison.Ordinal))),
        Removed("conf-granular-tracing", "3.7", Warning, "Granular tracing is gone: use OpenTelemetry.", "tracing", "tracing_write_strategy", "tracing_write_endpoint", "generate_trace_details"),
        Removed("conf-wasm", "3.11", Blocker, "WebAssembly filters do not run on Enterprise 3.11 and later: replace them.", "wasm", "wasm_filters", "wasm_filters_path"),
        Removed("conf-node-id", "3.9", Warning, "Do not carry it over: two nodes with one id ignore each other's events.", "node_id"),
        new("conf-trusted-cert-system", "3.0", Warning,
            "Without the setting 3.x trusts the operating system's certificate store: set lua_ssl_trusted_certificate if that is not wanted.",
            static c => c.ConfigurationY["lua_ssl_trusted_certificate"] is null ? ["kong.conf: lua_ssl_trusted_certificate"] : []),
        new("conf-worker-consistency", "3.0", Info,
            "Workers apply changes a few seconds later than in 2.x; scripts that test right after a change must wait.",
            static c => c.ConfigurationY["worker_consistency"] is null or "strict" ? ["kong.conf: worker_consistency"] : []),
        new("conf-router-flavor", "3.0", Warning,
            "3.x routes with another engine; the staging tests compare it with cluster X. router_flavor=traditional brings the old one back.",
            static c => c.ConfigurationY["router_flavor"] is null ? ["kong.conf: router_flavor"] : []),
        new("conf-vaults-default", "3.0", Info, "Vaults are switched on by default; nothing to do.",
            static c => c.ConfigurationY["vaults"] is null ? ["kong.conf: vaults"] : []),
        new("conf-sampling-rate", "3.3", Warning,
            "Only one trace in a hundred is kept by default: set tracing_sampling_rate.",
            static c => c.ConfigurationY["tracing_instrumentations"] is { } t && t != "off" && c.ConfigurationY["tracing_sampling_rate"] is null ? ["kong.conf: tracing_sampling_rate"] : []),
        new("conf-keepalive-defaults", "3.4", Info, "Kong keeps more idle connections to upstreams: check their limits.",
            static c => c.ConfigurationY["upstream_keepalive_pool_size"] is null ? ["kong.conf: upstream_keepalive_pool_size"] : []),
        new("conf-template", null, Blocker,
            "A custom nginx template fits one version only: carry your changes over to the template that comes with cluster Y, then override.",
            static c => Set(c, static k => k is "nginx_conf" or "nginx_kong_conf")),
        new("conf-plugins-differ", null, Blocker,
            "Name the same plugins in the plugins setting of cluster Y: Kong refuses to start when a configured plugin is not enabled.",
            static c => MissingPlugins(c).Select(static p => "plugin " + p)),
        new("conf-not-carried-over", null, Info,
            "The setting is made for cluster X only; check that cluster Y does well with the default.",
            static c => Set(c, k => c.ConfigurationY[k] is null && !DiffersByNature(k))),
        new("hybrid-fallback-version", "3.4", Warning,
            "Exporters and importers of the fallback configuration must run the very same version: export again after the upgrade.",
            static c => Set(c, k => k is "cluster_fallback_config_export" or "cluster_fallback_config_import" && c.ConfigurationX.IsOn(k))),
    ];

    private static BreakingChangeRule Removed(string id, string version, FindingSeverity severity, string remedy, params string[] keys) =>
        new(id, version, severity, remedy, c => Set(c, keys.Contains));

    private static IEnumerable<string> Set(AssessedCluster cluster, Func<string, bool> isMeant) =>
        cluster.ConfigurationX.Keys.Where(isMeant).Select(static k => "kong.conf: " + k);

    // The new cluster has its own database, addresses and files.
    private static bool DiffersByNature(string key) =>
        NodeSettings.Contains(key) || key.StartsWith("pg_", StringComparison.Ordinal) || key.EndsWith("_log", StringComparison.Ordinal);

    private static IEnumerable<string> MissingPlugins(AssessedCluster cluster)
    {
        var enabled = (cluster.ConfigurationY["plugins"] ?? "bundled").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        var named = (cluster.ConfigurationX["plugins"] ?? "bundled").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var used = cluster.Entities.Plugins.Select(static p => p.Name).Distinct();

        // A plugin that cluster X had to name explicitly is not a bundled one, so cluster Y has to name it as well.
        return enabled.Contains("bundled")
            ? used.Where(p => named.Contains(p) && !BundledPlugins.Names.Contains(p) && !enabled.Contains(p))
            : used.Where(p => !enabled.Contains(p));
    }
}
