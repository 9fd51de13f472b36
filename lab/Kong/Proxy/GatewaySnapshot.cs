using System.Collections.Frozen;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Plugins;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>The whole configuration in memory, never changed: a change makes a new one. With it a node keeps serving when the database is away.</summary>
internal sealed class GatewaySnapshot
{
    public GatewaySnapshot(IReadOnlyDictionary<string, List<JsonObject>> tables, Flavour flavour, DateTimeOffset now)
    {
        IEnumerable<JsonObject> Rows(string table) => tables.GetValueOrDefault(table) ?? [];
        static Guid Consumer(JsonObject row) => Guid.Parse((string)row["consumer"]!["id"]!);
        static Guid Id(JsonObject row) => Guid.Parse((string)row["id"]!);

        Services = Rows("services").Select(s => new ServiceDefinition(s)).ToFrozenDictionary(s => s.Id);
        Router = new Router(Rows("routes").Where(r => r["service"]?["id"] is not { } id || (Services.TryGetValue(Guid.Parse((string)id!), out var s) && s.IsEnabled)).Select(r => new RouteDefinition(r)), flavour);
        var targets = Rows("targets").ToLookup(t => (string)t["upstream"]!["id"]!);
        Upstreams = Rows("upstreams").Select(u => new Balancer(u, targets[(string)u["id"]!])).ToFrozenDictionary(u => u.Name);
        var groups = Rows("acls").ToLookup(Consumer, a => (string)a["group"]!);
        Consumers = Rows("consumers")
            .Select(c => new Consumer(Id(c), (string?)c["username"], (string?)c["custom_id"], groups[Id(c)].ToFrozenSet()))
            .ToFrozenDictionary(c => c.Id);
        Keys = Rows("keyauth_credentials")
            .Select(k => new Credential(Id(k), Consumer(k), (string)k["key"]!, ExpiresAt: k["ttl"] is { } ttl ? now.AddSeconds((double)ttl) : null))
            .ToFrozenDictionary(k => k.Key);
        Passwords = Rows("basicauth_credentials").Select(b => new Credential(Id(b), Consumer(b), (string)b["username"]!, (string?)b["password"])).ToFrozenDictionary(b => b.Key);
        Tokens = Rows("jwt_secrets").Select(j => new Credential(Id(j), Consumer(j), (string)j["key"]!, (string?)j["secret"], (string?)j["algorithm"])).ToFrozenDictionary(j => j.Key);
        PluginNames = [.. Rows("plugins").Select(p => (string)p["name"]!).Distinct()];
        Plugins = Rows("plugins").Where(p => (bool?)p["enabled"] != false).Select(p => new PluginInstance(p)).GroupBy(p => p.Name).ToFrozenDictionary(g => g.Key, g => new PluginSelection(g));
    }

    public Router Router { get; }

    public FrozenDictionary<Guid, ServiceDefinition> Services { get; }

    public FrozenDictionary<string, Balancer> Upstreams { get; }

    public FrozenDictionary<Guid, Consumer> Consumers { get; }

    public FrozenDictionary<string, Credential> Keys { get; }

    public FrozenDictionary<string, Credential> Passwords { get; }

    public FrozenDictionary<string, Credential> Tokens { get; }

    public FrozenDictionary<string, PluginSelection> Plugins { get; }

    /// <summary>Names of all configured plugins, also the disabled ones.</summary>
    public IReadOnlyList<string> PluginNames { get; }
}
