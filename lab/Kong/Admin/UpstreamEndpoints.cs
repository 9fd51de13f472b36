using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Node;
using KongUpgradeMesh.Lab.StandInKong.Schemas;
using KongUpgradeMesh.Lab.StandInKong.Storage;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>What the Admin API says of an upstream beyond its row: all targets, and their health on this node.</summary>
internal sealed class UpstreamEndpoints(EntityStore store, SchemaCatalog schemas, SnapshotKeeper keeper, NodeIdentity node, Flavour flavour)
{
    public async Task<AdminAnswer?> TryHandleAsync(JsonObject upstream, string[] segments, HttpContext context, CancellationToken cancellationToken)
    {
        if (segments is [_, _, "health"] or [_, _, "targets", "all"] && !HttpMethods.IsGet(context.Request.Method))
        {
            return AdminAnswer.MethodNotAllowed;
        }

        switch (segments)
        {
            case [_, _, "targets", "all"]:
                return AdminAnswer.Ok(new JsonObject { ["data"] = new JsonArray([.. await TargetsAsync(upstream, cancellationToken)]), ["next"] = null });
            case [_, _, "health"] when context.Request.Query["balancer_health"] == "1":
                return AdminAnswer.Ok(await BalancerHealthAsync(upstream, cancellationToken));
            case [_, _, "health"]:
                var health = Health(upstream);
                var data = new JsonArray();
                foreach (var target in await TargetsAsync(upstream, cancellationToken))
                {
                    var (host, port, weight) = Parts(target);
                    target["health"] = health;
                    target["data"] = Host(host, port, weight, new JsonObject { ["ip"] = host, ["port"] = port, ["weight"] = weight, ["health"] = health });
                    data.Add((JsonNode)target);
                }

                return AdminAnswer.Ok(new JsonObject { ["data"] = data, ["next"] = null, ["node_id"] = node.Id.ToString() });
            default:
                return null;
        }
    }

    private async Task<JsonObject> BalancerHealthAsync(JsonObject upstream, CancellationToken cancellationToken)
    {
        var hosts = new JsonArray();
        var total = 0;
        foreach (var target in await TargetsAsync(upstream, cancellationToken))
        {
            var (host, port, weight) = Parts(target);
            total += weight;
            hosts.Add((JsonNode)Host(host, port, weight, new JsonObject { ["ip"] = host, ["port"] = port, ["weight"] = weight, ["healthy"] = true }));
        }

        var data = new JsonObject
        {
            ["health"] = Health(upstream),
            ["details"] = new JsonObject { ["weight"] = Weight(total), ["hosts"] = hosts, ["healthy"] = total > 0 },
            ["id"] = (string)upstream["id"]!,
        };
        if (flavour.IsThree)
        {
            data["balancer_health"] = total > 0 ? "HEALTHY" : "UNHEALTHY";
        }

        return new JsonObject { ["data"] = data, ["next"] = null, ["node_id"] = node.Id.ToString() };
    }

    private Task<List<JsonObject>> TargetsAsync(JsonObject upstream, CancellationToken cancellationToken) =>
        store.ListAsync(schemas.Entity("targets"), new EntityQuery(Filter: ("upstream_id", Guid.Parse((string)upstream["id"]!))), cancellationToken);

    private string Health(JsonObject upstream) =>
        keeper.Current.Upstreams.TryGetValue((string)upstream["name"]!, out var balancer) && balancer.HealthChecksOn ? "HEALTHY" : "HEALTHCHECKS_OFF";

    private static (string Host, int Port, int Weight) Parts(JsonObject target)
    {
        var peer = new Proxy.Peer((string)target["target"]!, (int?)target["weight"] ?? 100);
        return (peer.Host, peer.Port, peer.Weight);
    }

    private static JsonObject Host(string host, int port, int weight, JsonObject address) => new()
    {
        ["host"] = host,
        ["port"] = port,
        ["dns"] = "A",
        ["nodeWeight"] = weight,
        ["weight"] = Weight(weight),
        ["addresses"] = new JsonArray(address),
    };

    private static JsonObject Weight(int total) => new() { ["total"] = total, ["available"] = total, ["unavailable"] = 0 };
}
