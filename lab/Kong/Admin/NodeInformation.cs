using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Configuration;
using KongUpgradeMesh.Lab.StandInKong.Node;
using KongUpgradeMesh.Lab.StandInKong.Schemas;
using KongUpgradeMesh.Lab.StandInKong.Storage;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>What a node tells about itself at <c>/</c>, <c>/endpoints</c> and <c>/timers</c>.</summary>
internal sealed class NodeInformation(Flavour flavour, NodeIdentity node, KongConfiguration configuration, SchemaCatalog schemas, KongDatabase database)
{
    private static readonly HashSet<string> Secrets = new(StringComparer.Ordinal) { "pg_password", "pg_ro_password" };

    public async Task<JsonObject> RootAsync(CancellationToken cancellationToken)
    {
        var inCluster = new JsonArray();
        await using (var command = database.Source.CreateCommand("SELECT DISTINCT name FROM plugins ORDER BY name"))
        await using (var rows = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                inCluster.Add((JsonNode)rows.GetString(0));
            }
        }

        var onServer = new JsonObject();
        foreach (var plugin in schemas.Plugins)
        {
            onServer[plugin.Name] = plugin.ServerEntry?.DeepClone();
        }

        return new JsonObject
        {
            ["version"] = flavour.Version,
            ["tagline"] = "Welcome to kong",
            ["hostname"] = Environment.MachineName,
            ["node_id"] = node.Id.ToString(),
            ["lua_version"] = "LuaJIT 2.1.0-beta3",
            ["pids"] = new JsonObject { ["master"] = Environment.ProcessId, ["workers"] = new JsonArray(Environment.ProcessId) },
            ["timers"] = new JsonObject { ["running"] = 0, ["pending"] = 8 },
            ["plugins"] = new JsonObject { ["available_on_server"] = onServer, ["enabled_in_cluster"] = inCluster },
            ["configuration"] = Configuration(),
        };
    }

    public JsonObject Endpoints()
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal)
        {
            "/", "/cache", "/cache/{key}", "/clustering/data-planes", "/clustering/status", "/config", "/endpoints", "/metrics", "/plugins/enabled",
            "/schemas/plugins/validate", "/schemas/plugins/{name}", "/schemas/{db_entity_name}/validate", "/schemas/{name}", "/status", "/tags", "/tags/{tags}",
            "/upstreams/{upstreams}/health", "/upstreams/{upstreams}/targets/all",
        };
        foreach (var (word, table) in EntityCollection.All.Where(c => schemas.Find(c.Value) is not null))
        {
            paths.Add($"/{word}");
            paths.Add($"/{word}/{{{table}}}");
            foreach (var up in schemas.Entity(table).Fields.Where(f => f.IsForeign))
            {
                paths.Add($"/{word}/{{{table}}}/{up.Name}");
            }

            foreach (var (_, child) in EntityCollection.AllNested.Where(n => n.Parent == table && schemas.Find(EntityCollection.NestedTable(table, n.Word)!) is not null))
            {
                paths.Add($"/{word}/{{{table}}}/{child}");
                paths.Add($"/{word}/{{{table}}}/{child}/{{{EntityCollection.NestedTable(table, child)}}}");
            }
        }

        if (flavour.IsThree)
        {
            paths.UnionWith(["/debug/node/log-level", "/debug/node/log-level/{log_level}", "/timers"]);
        }

        return new JsonObject { ["data"] = new JsonArray([.. paths.Select(p => (JsonNode)p)]) };
    }

    public JsonObject Timers() => new()
    {
        ["worker"] = new JsonObject { ["id"] = 0, ["count"] = 1 },
        ["stats"] = new JsonObject
        {
            ["sys"] = new JsonObject { ["total"] = 10, ["runs"] = 100, ["running"] = 2, ["waiting"] = 8, ["pending"] = 0 },
            ["flamegraph"] = new JsonObject { ["running"] = "", ["elapsed_time"] = "", ["pending"] = "" },
            ["timers"] = new JsonObject(),
        },
    };

    private JsonObject Configuration()
    {
        var effective = new JsonObject
        {
            ["database"] = "postgres",
            ["role"] = "traditional",
            ["prefix"] = configuration.Prefix.Path,
            ["nginx_pid"] = configuration.Prefix.PidFile,
            ["kong_env"] = configuration.Prefix.EnvironmentFile,
            ["pg_host"] = configuration.Text("pg_host", "127.0.0.1"),
            ["pg_port"] = int.TryParse(configuration.Text("pg_port", "5432"), out var port) ? port : 5432,
            ["pg_database"] = configuration.Database,
            ["pg_user"] = configuration.Text("pg_user", "kong"),
            ["pg_ssl"] = false,
            ["db_update_frequency"] = configuration.UpdateFrequency.TotalSeconds,
            ["worker_consistency"] = flavour.IsThree ? "eventual" : "strict",
            ["worker_state_update_frequency"] = 5,
            ["plugins"] = new JsonArray("bundled"),
            ["log_level"] = "notice",
            ["anonymous_reports"] = false,
            ["proxy_listeners"] = Listeners(configuration.ProxyListen),
            ["admin_listeners"] = Listeners(configuration.AdminListen),
            ["status_listeners"] = Listeners(configuration.StatusListen),
        };
        if (flavour.IsThree)
        {
            effective["router_flavor"] = "traditional_compatible";
        }

        foreach (var (key, value) in configuration.Values)
        {
            if (!effective.ContainsKey(key))
            {
                effective[key] = Secrets.Contains(key) ? "******" : value;
            }
        }

        var loaded = new JsonObject();
        foreach (var plugin in schemas.Plugins)
        {
            loaded[plugin.Name] = true;
        }

        effective["loaded_plugins"] = loaded;
        return effective;
    }

    private static JsonArray Listeners(IEnumerable<ListenAddress> addresses) => new(
    [
        .. addresses.Select(a => new JsonObject { ["ip"] = a.Address.ToString(), ["port"] = a.Port, ["listener"] = $"{a.Address}:{a.Port}", ["ssl"] = false, ["http2"] = false, ["proxy_protocol"] = false }),
    ]);
}
