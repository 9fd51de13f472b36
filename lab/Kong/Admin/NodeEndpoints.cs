using System.Text;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Metrics;
using KongUpgradeMesh.Lab.StandInKong.Node;
using KongUpgradeMesh.Lab.StandInKong.Schemas;
using KongUpgradeMesh.Lab.StandInKong.Storage;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>Everything of the Admin API that is about the node and its schemas, not about one kind of entity.</summary>
internal sealed class NodeEndpoints(
    NodeInformation information,
    SchemaCatalog schemas,
    EntityValidator validator,
    EntityDefaults defaults,
    TagListing tags,
    MetricsPage metrics,
    KongDatabase database,
    NodeCounters counters,
    Flavour flavour)
{
    /// <summary>Null when the path belongs to somebody else.</summary>
    public async Task<AdminAnswer?> TryHandleAsync(string[] segments, HttpContext context, CancellationToken cancellationToken)
    {
        var read = context.Request.Method is "GET" or "HEAD";
        switch (segments)
        {
            case []:
                return read ? AdminAnswer.Ok(await information.RootAsync(cancellationToken)) : AdminAnswer.MethodNotAllowed;
            case ["status"]:
                return read ? await StatusAsync(cancellationToken) : AdminAnswer.MethodNotAllowed;
            case ["endpoints"]:
                return AdminAnswer.Ok(information.Endpoints());
            case ["plugins", "enabled"]:
                return AdminAnswer.Ok(new JsonObject { ["enabled_plugins"] = new JsonArray([.. schemas.Plugins.Select(p => (JsonNode)p.Name)]) });
            case ["tags", ..]:
                return await tags.HandleAsync(segments, context, cancellationToken);
            case ["schemas", ..]:
                return await SchemaAsync(segments, context, cancellationToken);
            case ["config"]:
                return AdminAnswer.Message(400, "this endpoint is only available when Kong is configured to not use a database");
            case ["clustering", "data-planes" or "status"]:
                return AdminAnswer.Message(400, "this endpoint is only available when Kong is configured to run as Control Plane for the cluster");
            case ["cache"]:
                return context.Request.Method == "DELETE" ? AdminAnswer.NoContent : AdminAnswer.MethodNotAllowed;
            case ["cache", _]:
                return context.Request.Method == "DELETE" ? AdminAnswer.NoContent : AdminAnswer.NotFound;
            case ["debug", "node", "log-level"] when flavour.IsThree:
                return AdminAnswer.Message(200, "log level: notice");
            case ["filter-chains", ..] or [_, _, "filter-chains", ..] when flavour.IsThree:
                return AdminAnswer.Message(400, "this endpoint is only available when wasm is enabled");
            case ["timers"] when flavour.IsThree:
                return AdminAnswer.Ok(information.Timers());
            default:
                return null;
        }
    }

    public async Task<AdminAnswer> StatusAsync(CancellationToken cancellationToken)
    {
        var dictionaries = new JsonObject();
        foreach (var area in SharedMemory.Of(flavour))
        {
            dictionaries[area.Name] = new JsonObject { ["allocated_slabs"] = Mebibytes(area.Allocated), ["capacity"] = Mebibytes(area.Capacity) };
        }

        return AdminAnswer.Ok(new JsonObject
        {
            ["database"] = new JsonObject { ["reachable"] = await database.IsReachableAsync(cancellationToken) },
            ["memory"] = new JsonObject
            {
                ["workers_lua_vms"] = new JsonArray(new JsonObject { ["http_allocated_gc"] = Mebibytes(GC.GetTotalMemory(false)), ["pid"] = Environment.ProcessId }),
                ["lua_shared_dicts"] = dictionaries,
            },
            ["server"] = new JsonObject
            {
                ["total_requests"] = counters.Requests,
                ["connections_waiting"] = counters.Waiting,
                ["connections_handled"] = counters.Accepted,
                ["connections_active"] = counters.Active,
                ["connections_reading"] = 0,
                ["connections_accepted"] = counters.Accepted,
                ["connections_writing"] = counters.Writing,
            },
        });
    }

    public async Task WriteMetricsAsync(HttpContext context)
    {
        var bytes = Encoding.UTF8.GetBytes(await metrics.RenderAsync(context.RequestAborted));
        context.Response.ContentType = "text/plain; charset=UTF-8";
        context.Response.Headers.Server = flavour.ServerToken;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private async Task<AdminAnswer> SchemaAsync(string[] segments, HttpContext context, CancellationToken cancellationToken)
    {
        switch (segments)
        {
            case ["schemas", "plugins", "validate"] or ["schemas", _, "validate"] when context.Request.Method == "POST":
                if (schemas.Find(segments[1] == "vaults" ? "sm_vaults" : segments[1]) is not { } validated)
                {
                    return AdminAnswer.Message(404, $"No entity named '{segments[1]}'");
                }

                var body = await RequestBody.ReadAsync(context, validated, cancellationToken);
                EntityDefaults.ExpandShorthands(validated, body);
                return validator.Check(validated, defaults.Complete(validated, body)) is { Any: true } violations
                    ? throw AdminErrorException.Schema(violations)
                    : AdminAnswer.Message(200, "schema validation successful");
            case ["schemas", "plugins", var name]:
                return schemas.Plugin(name) is { } plugin ? AdminAnswer.Ok(plugin.Definition.DeepClone()) : AdminAnswer.Message(404, $"No plugin named '{name}'");
            case ["schemas", var table]:
                return schemas.Find(table) is { } schema ? AdminAnswer.Ok(schema.Definition.DeepClone()) : AdminAnswer.Message(404, $"No entity named '{table}'");
            default:
                return AdminAnswer.NotFound;
        }
    }

    private static string Mebibytes(long bytes) => $"{bytes / 1048576.0:0.00} MiB";
}
