using System.Text.Json;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.DeployAgent.Entities;

namespace KongUpgradeMesh.DeployAgent.Assessment;

/// <summary>Lists what diverges while two clusters with two databases serve: counters, tokens, sessions.</summary>
internal static class CounterSurvey
{
    private const string StickyAdvice = "Split sticky by what the limit counts; pass 50 % quickly. Counters in a shared Redis would not diverge.";

    private static readonly string[] Windows = ["second", "minute", "hour", "day", "month", "year"];

    public static IReadOnlyList<CounterImpact> Take(KongEntities entities) =>
        [.. entities.Plugins.Where(static p => p.Enabled).SelectMany(p => Of(p, entities.ScopeOf(p)))];

    private static IEnumerable<CounterImpact> Of(PluginEntity plugin, string scope) => plugin.Name switch
    {
        "rate-limiting" when plugin.Text("policy") == "cluster" => Limits(plugin, scope, plugin.Config),
        "response-ratelimiting" when plugin.Text("policy") == "cluster" && plugin.At("limits") is { ValueKind: JsonValueKind.Object } limits =>
            limits.EnumerateObject().SelectMany(l => Limits(plugin, $"{scope}, {l.Name}", l.Value)),
        "rate-limiting-advanced" or "graphql-rate-limiting-advanced" or "ai-rate-limiting-advanced" when plugin.Text("strategy") == "cluster" =>
            AdvancedLimits(plugin, scope),
        "oauth2" => [State(plugin, scope, "A token issued, refreshed or revoked on one cluster is not on the other: 401 for its holder, or a revoked token that still works.",
            "Keep the token endpoints on cluster X until the end, or split sticky by the Authorization header.")],
        "session" when plugin.Text("storage") == "kong" => [State(plugin, scope, "A session begun on one cluster is unknown to the other: its user logs in again.",
            "Split sticky by the session cookie.")],
        "acme" when plugin.Text("storage") is "kong" => [State(plugin, scope, "A challenge may be asked for at the cluster that did not order it: issuing fails.",
            "Keep /.well-known/acme-challenge on cluster X; renew early what would expire during the upgrade.")],
        _ => [],
    };

    private static IEnumerable<CounterImpact> Limits(PluginEntity plugin, string scope, JsonElement limits) =>
        from window in Windows
        let limit = LimitOf(limits, window)
        where limit is not null
        select Counter(plugin, scope, window, limit.Value, tail: "one window");

    private static IEnumerable<CounterImpact> AdvancedLimits(PluginEntity plugin, string scope)
    {
        var limits = Numbers(plugin, "limit");
        var windows = Numbers(plugin, "window_size");
        var tail = plugin.Text("window_type") == "fixed" ? "one window" : "two windows";
        return limits.Zip(windows, (limit, window) => Counter(plugin, scope, $"{window}s", limit, tail));
    }

    private static CounterImpact Counter(PluginEntity plugin, string scope, string window, long limit, string tail) => new()
    {
        Plugin = plugin.Name,
        Scope = scope,
        Window = window,
        Limit = limit,
        WorstCase = $"One client may get {limit} requests more in a window (twice its limit) while both clusters serve it, and for {tail} after the last shift.",
        Advice = StickyAdvice,
    };

    private static CounterImpact State(PluginEntity plugin, string scope, string worstCase, string advice) => new()
    {
        Plugin = plugin.Name,
        Scope = scope,
        Window = "",
        WorstCase = worstCase,
        Advice = advice,
    };

    private static long? LimitOf(JsonElement limits, string window) =>
        limits.ValueKind == JsonValueKind.Object && limits.TryGetProperty(window, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number)
            ? (long)number
            : null;

    private static long[] Numbers(PluginEntity plugin, string field) => plugin.At(field) is { ValueKind: JsonValueKind.Array } array
        ? [.. array.EnumerateArray().Where(static e => e.ValueKind == JsonValueKind.Number).Select(static e => (long)e.GetDecimal())]
        : [];
}
