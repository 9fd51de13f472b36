using KongUpgradeMesh.Lab.StandInKong.Faults;
using KongUpgradeMesh.Lab.StandInKong.Node;
using KongUpgradeMesh.Lab.StandInKong.Storage;

namespace KongUpgradeMesh.Lab.StandInKong.Metrics;

/// <summary>The text of <c>GET /metrics</c>, with the names and labels of the release, in alphabetical order like the real page.</summary>
internal sealed class MetricsPage(Flavour flavour, NodeIdentity node, NodeCounters counters, TrafficMetrics traffic, SnapshotKeeper keeper, KongDatabase database, FaultWatcher faults)
{
    public async Task<string> RenderAsync(CancellationToken cancellationToken)
    {
        var reachable = await database.IsReachableAsync(cancellationToken);
        var writer = new PrometheusWriter();
        var series = faults.Current.MetricsGone ? [] : traffic.Series.ToList();
        if (flavour.IsThree)
        {
            Traffic34.WriteFirst(writer, series);
        }
        else
        {
            Traffic28.WriteFirst(writer, series);
        }

        writer.Describe("kong_datastore_reachable", "gauge", "Datastore reachable from Kong, 0 is unreachable");
        writer.Sample("kong_datastore_reachable", reachable ? 1 : 0);
        if (flavour.IsThree)
        {
            Traffic34.WriteRequests(writer, series);
        }
        else
        {
            Traffic28.WriteStatuses(writer, series);
        }

        WriteMemory(writer);
        WriteNginx(writer);
        if (flavour.IsThree)
        {
            Traffic34.WriteLast(writer, series);
        }

        WriteTargets(writer);
        return writer.ToString();
    }

    private void WriteMemory(PrometheusWriter writer)
    {
        (string, string)[] own = flavour.IsThree ? [("node_id", node.Id.ToString())] : [];
        writer.Describe("kong_memory_lua_shared_dict_bytes", "gauge", "Allocated slabs in bytes in a shared_dict");
        foreach (var area in SharedMemory.Of(flavour))
        {
            writer.Sample("kong_memory_lua_shared_dict_bytes", area.Allocated, [.. own, ("shared_dict", area.Name), ("kong_subsystem", "http")]);
        }

        writer.Describe("kong_memory_lua_shared_dict_total_bytes", "gauge", "Total capacity in bytes of a shared_dict");
        foreach (var area in SharedMemory.Of(flavour))
        {
            writer.Sample("kong_memory_lua_shared_dict_total_bytes", area.Capacity, [.. own, ("shared_dict", area.Name), ("kong_subsystem", "http")]);
        }

        writer.Describe("kong_memory_workers_lua_vms_bytes", "gauge", "Allocated bytes in worker Lua VM");
        writer.Sample("kong_memory_workers_lua_vms_bytes", GC.GetTotalMemory(false) + faults.Current.LeakedBytes, [.. own, ("pid", Environment.ProcessId.ToString()), ("kong_subsystem", "http")]);
    }

    private void WriteNginx(PrometheusWriter writer)
    {
        (string State, long Value)[] states =
        [
            ("accepted", counters.Accepted), ("active", counters.Active), ("handled", counters.Accepted), ("reading", 0),
            ("total", counters.Requests), ("waiting", counters.Waiting), ("writing", counters.Writing),
        ];
        var id = node.Id.ToString();
        var name = flavour.IsThree ? "kong_nginx_connections_total" : "kong_nginx_http_current_connections";
        writer.Describe(name, "gauge", flavour.IsThree ? "Number of connections by subsystem" : "Number of HTTP connections");
        foreach (var (state, value) in states)
        {
            writer.Sample(name, value, flavour.IsThree ? [("node_id", id), ("subsystem", "http"), ("state", state)] : [("state", state)]);
        }

        writer.Describe("kong_nginx_metric_errors_total", "counter", "Number of nginx-lua-prometheus errors");
        writer.Sample("kong_nginx_metric_errors_total", 0);
        if (flavour.IsThree)
        {
            writer.Describe("kong_nginx_requests_total", "gauge", "Number of requests total");
            writer.Sample("kong_nginx_requests_total", counters.Requests, ("node_id", id), ("subsystem", "http"));
        }

        writer.Describe("kong_nginx_timers", "gauge", "Number of nginx timers");
        writer.Sample("kong_nginx_timers", 8, ("state", "pending"));
        writer.Sample("kong_nginx_timers", 1, ("state", "running"));
        if (flavour.IsThree)
        {
            writer.Describe("kong_node_info", "gauge", "Kong Node metadata information");
            writer.Sample("kong_node_info", 1, ("node_id", id), ("version", flavour.Version));
        }
    }

    private void WriteTargets(PrometheusWriter writer)
    {
        var snapshot = keeper.Current;
        if (!snapshot.Plugins.TryGetValue("prometheus", out var plugin) || (flavour.IsThree && !plugin.All.Any(p => (bool?)p.Config["upstream_health_metrics"] == true)))
        {
            return;
        }

        writer.Describe("kong_upstream_target_health", "gauge", "Health status of targets of upstream. States = healthchecks_off|healthy|unhealthy|dns_error, value is 1 when state is populated.");
        foreach (var upstream in snapshot.Upstreams.Values.OrderBy(u => u.Name, StringComparer.Ordinal))
        {
            foreach (var target in upstream.Targets.OrderBy(t => t.Address, StringComparer.Ordinal))
            {
                foreach (var state in (string[])["dns_error", "healthchecks_off", "healthy", "unhealthy"])
                {
                    var current = upstream.HealthChecksOn ? "healthy" : "healthchecks_off";
                    writer.Sample("kong_upstream_target_health", state == current ? 1 : 0,
                        ("upstream", upstream.Name), ("target", target.Address), ("address", target.Address), ("state", state), ("subsystem", "http"));
                }
            }
        }
    }
}
