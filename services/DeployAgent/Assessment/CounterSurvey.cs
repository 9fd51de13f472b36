using System.Text.Json;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Entities;

namespace KongUpgradeMesh.DeployAgent.Assessment;

/// <summary>Lists what diverges while two clusters with two databases serve: counters, tokens, sessions.</summary>
internal sealed class CounterSurvey(KongEntities entities, RuntimeStateSpec state, IReadOnlyList<int> steps)
{
    private static readonly (string Name, TimeSpan Length)[] Windows =
    [
        ("second", TimeSpan.FromSeconds(1)), ("minute", TimeSpan.FromMinutes(1)), ("hour", TimeSpan.FromHours(1)),
        ("day", TimeSpan.FromDays(1)), ("month", TimeSpan.FromDays(30)), ("year", TimeSpan.FromDays(365)),
    ];

    private const long LongestWindow = 1_000_000_000;

    public static IReadOnlyList<CounterImpact> Take(KongEntities entities, UpgradeSpec spec)
    {
        var survey = new CounterSurvey(entities, spec.RuntimeState, spec.Traffic.Steps);
        return [.. entities.Plugins.Where(static p => p.Enabled).SelectMany(survey.Of)];
    }

    private IEnumerable<CounterImpact> Of(PluginEntity plugin) => plugin.Name switch
    {
        "rate-limiting" when plugin.Text("policy") == "cluster" => Limits(plugin, entities.ScopeOf(plugin), plugin.Config),
        "response-ratelimiting" when plugin.Text("policy") == "cluster" && plugin.At("limits") is { ValueKind: JsonValueKind.Object } limits =>
            limits.EnumerateObject().SelectMany(l => Limits(plugin, $"{entities.ScopeOf(plugin)}, {l.Name}", l.Value)),
        "rate-limiting-advanced" or "graphql-rate-limiting-advanced" or "ai-rate-limiting-advanced" when plugin.Text("strategy") == "cluster" && plugin.Number("sync_rate") is not < 0 =>
            AdvancedLimits(plugin),
        "oauth2" => [Tokens(plugin)],
        "session" when plugin.Text("storage") == "kong" => [State(plugin, "A session begun on one cluster is unknown to the other: its user logs in again.",
            "Split sticky by the session cookie.")],
        "acme" when plugin.Text("storage") is "kong" => [State(plugin, "A challenge may be asked for at the cluster that did not order it: issuing fails.",
            "Keep /.well-known/acme-challenge on cluster X; renew early what would expire during the upgrade.")],
        _ => [],
    };

    private IEnumerable<CounterImpact> Limits(PluginEntity plugin, string scope, JsonElement limits) =>
        from window in Windows
        let limit = LimitOf(limits, window.Name)
        where limit is not null
        select Counter(plugin, scope, window.Name, new SplitOvershoot(limit.Value, window.Length, IsSliding: false, state.CarryCounters, steps));

    private IEnumerable<CounterImpact> AdvancedLimits(PluginEntity plugin)
    {
        var isSliding = plugin.Text("window_type") != "fixed";
        return Numbers(plugin, "limit").Zip(Numbers(plugin, "window_size"), (limit, window) => Counter(
            plugin, entities.ScopeOf(plugin), $"{window}s", new SplitOvershoot(limit, TimeSpan.FromSeconds(Math.Clamp(window, 1, LongestWindow)), isSliding, state.CarryCounters, steps)));
    }

    private static CounterImpact Counter(PluginEntity plugin, string scope, string window, SplitOvershoot overshoot) => new()
    {
        Plugin = plugin.Name,
        Scope = scope,
        Window = window,
        Limit = overshoot.Limit,
        ExtraPerWindow = overshoot.Sticky,
        ExtraPerWindowUnsticky = overshoot.Unsticky,
        ExtraPerWindowUncarried = overshoot.Uncarried,
        TailWindows = overshoot.TailWindows,
        WorstCase = overshoot.InWords,
        Advice = overshoot.Advice,
    };

    private CounterImpact Tokens(PluginEntity plugin) => state.CarryTokens
        ? State(plugin,
            "A token issued, refreshed or revoked on cluster X reaches cluster Y with the next traffic step, not at once; what cluster Y issues or revokes never reaches cluster X: 401 for its holder, also after a rollback, or a revoked token that still works.",
            "Keep the token endpoints on cluster X until the last step, or split sticky by the client; revoke on both clusters.")
        : State(plugin,
            "A token issued, refreshed or revoked on one cluster is not on the other: 401 for its holder, or a revoked token that still works.",
            "Set runtimeState.carryTokens; keep the token endpoints on cluster X until the end, or split sticky by the client.");

    private CounterImpact State(PluginEntity plugin, string worstCase, string advice) => new()
    {
        Plugin = plugin.Name,
        Scope = entities.ScopeOf(plugin),
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
