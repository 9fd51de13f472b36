namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

/// <summary>What of HAProxy's configuration would make weights say something else than the split.</summary>
internal static class WeightsCheck
{
    /// <summary>Of the backend's servers.</summary>
    public static IEnumerable<string> OfServers(WeightedBackend backend, HAProxyWeightsOptions options)
    {
        var there = backend.Weights;
        foreach (var missing in options.ServersX.Concat(options.ServersY).Where(s => !there.ContainsKey(s)))
        {
            yield return $"Backend {options.Backend} of HAProxy has no server {missing}.";
        }

        foreach (var other in backend.Others)
        {
            yield return $"Backend {options.Backend} of HAProxy has server {other.Name}, which is neither in serversX nor in serversY.";
        }

        foreach (var server in backend.X.Concat(backend.Y).Where(static s => s.IsOut))
        {
            yield return $"Server {options.Backend}/{server.Name} of HAProxy is in maintenance or drained; its weight says nothing.";
        }

        foreach (var server in backend.Y.Where(static s => s.Initial != 0))
        {
            yield return $"Server {options.Backend}/{server.Name} must be configured with weight 0: a HAProxy that starts would send traffic to Y.";
        }

        if (backend.X.Any(s => s.Initial == 0 || s.Initial != backend.X[0].Initial))
        {
            yield return $"All of X's servers in backend {options.Backend} must be configured with the same weight above 0.";
        }
    }

    /// <summary>Of <c>show stat</c>: how the backend deals, and whether anything else than the weight leads a client.</summary>
    public static IEnumerable<string> OfStatistics(string csv, HAProxyOptions options, HAProxyWeightsOptions weights)
    {
        var rows = HAProxyCounters.Table(csv, options).Where(r => r("pxname") == weights.Backend).ToList();
        if (rows.Find(static r => r("svname") == "BACKEND") is { } backend)
        {
            if (backend("algo") != "roundrobin")
            {
                yield return $"Backend {weights.Backend} of HAProxy balances by {backend("algo")}; only \"balance roundrobin\" follows weights exactly and at once.";
            }

            if (backend("mode") != (weights.PerConnection ? "tcp" : "http"))
            {
                yield return $"Backend {weights.Backend} of HAProxy is of mode {backend("mode")}; set traffic.settings.protocol to that.";
            }
        }

        foreach (var server in rows.Where(r => weights.ServersX.Concat(weights.ServersY).Contains(r("svname"))))
        {
            if (server("cookie").Length > 0)
            {
                yield return $"Server {weights.Backend}/{server("svname")} of HAProxy has a cookie: clients that have it stay there whatever the weight is, also after a rollback.";
            }

            if (server("agent_status").Length > 0)
            {
                yield return $"Server {weights.Backend}/{server("svname")} of HAProxy has an agent-check, which sets the weight by itself.";
            }

            if (server("bck") == "1")
            {
                yield return $"Server {weights.Backend}/{server("svname")} of HAProxy is a backup: it would get traffic when the other side is down.";
            }
        }
    }

    /// <summary>Of <c>show table</c>: a stick table keeps clients on their server whatever the weights are.</summary>
    public static IEnumerable<string> OfTables(string shown, HAProxyWeightsOptions options) =>
        shown.Split('\n').Any(l => l.StartsWith($"# table: {options.Backend},", StringComparison.Ordinal))
            ? [$"Backend {options.Backend} of HAProxy has a stick table: \"stick on\" keeps clients on their server whatever the weights are. A table for counters alone can stand in a backend of its own."]
            : [];
}
