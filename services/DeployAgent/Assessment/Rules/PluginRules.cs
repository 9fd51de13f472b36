using KongUpgradeMesh.Kong.Versions;
using static KongUpgradeMesh.Contracts.Deployment.FindingSeverity;

namespace KongUpgradeMesh.DeployAgent.Assessment.Rules;

/// <summary>Fields of plugins that disappear or change their meaning.</summary>
internal static class PluginRules
{
    public static IReadOnlyList<BreakingChangeRule> All { get; } =
    [
        new("plg-blacklist", "3.0", Blocker,
            "The fields whitelist and blacklist do not exist in 3.x: move their content to allow and deny on cluster X before the freeze.",
            static c => c.Describe(c.Plugins("acl", "bot-detection", "ip-restriction", "canary").Where(static p => p.Has("whitelist") || p.Has("blacklist")))),
        new("plg-aws-lambda-region", "3.0", Blocker,
            "3.x wants a region: set aws_region in the plugin, or AWS_REGION for the nodes of cluster Y.",
            static c => c.Describe(c.Plugins("aws-lambda").Where(static p => !p.Has("aws_region") && !p.Has("host")))),
        new("plg-aws-lambda-proxy-scheme", "3.0", Blocker,
            "The field proxy_scheme is refused by 3.x: remove it before the freeze.",
            static c => c.Describe(c.Plugins("aws-lambda").Where(static p => p.Has("proxy_scheme")))),
        new("plg-aws-lambda-host", "3.0", Info, "Requests to a host of your own are signed now as well: test them.",
            static c => c.Describe(c.Plugins("aws-lambda").Where(static p => p.Has("host")))),
        new("plg-functions", "3.0", Info,
            "Migration moves config.functions to config.access by itself; change files that hold the old field.",
            static c => c.Describe(c.Plugins("pre-function", "post-function").Where(static p => p.HasElements("functions")))),
        new("plg-functions-cache", "3.3", Warning,
            "Function code sees a cache of its own and only a part of kong.configuration: read the code again.",
            static c => c.Describe(c.Plugins("pre-function", "post-function").Where(static p => Code(p, "kong.cache") || Code(p, "kong.configuration")))),
        new("plg-jwt-ctx", "3.0", Blocker,
            "ngx.ctx.authenticated_jwt_token is gone: read kong.ctx.shared.authenticated_jwt_token in function code.",
            static c => c.Describe(c.Plugins("pre-function", "post-function").Where(static p => Code(p, "ngx.ctx.authenticated_jwt_token")))),
        new("plg-proxy-cache-ctx", "3.0", Warning,
            "The cache state moved to kong.ctx.shared: change function code that reads ngx.ctx.proxy_cache_hit.",
            static c => c.Describe(c.Plugins("pre-function", "post-function").Where(static p => Code(p, "ngx.ctx.proxy_cache_hit")))),
        new("pdk-singletons", "3.0", Blocker,
            "kong.singletons is gone: use the kong global in function code.",
            static c => c.Describe(c.Plugins("pre-function", "post-function").Where(static p => Code(p, "kong.singletons")))),
        new("pdk-credential-username", "3.0", Warning,
            "The header X-Credential-Username is no longer sent: use X-Credential-Identifier, also in upstreams.",
            static c => c.Describe(c.Plugins("pre-function", "post-function", "request-transformer").Where(static p => Code(p, "X-Credential-Username")))),
        new("plg-jwt-multi-token", "3.2", Warning,
            "A request that carries different tokens in several places is refused: make sure that clients send one.",
            static c => c.Describe(c.Plugins("jwt").Where(static p => p.Texts("header_names").Count + p.Texts("uri_param_names").Count + p.Texts("cookie_names").Count > 1))),
        new("plg-acme-auth-method", "3.0", Warning,
            "State auth_method for the Vault storage; rows migrated from 2.x have none.",
            static c => c.Describe(c.Plugins("acme").Where(static p => p.Text("storage") == "vault" && !p.Has("auth_method")))),
        new("plg-acme-pinned", null, Warning,
            "During the split the issuer may ask the other cluster for its challenge: keep /.well-known/acme-challenge on cluster X, and make sure that nothing expires meanwhile.",
            static c => c.Describe(c.Plugins("acme"))),
        new("plg-rl-default-policy", "3.0", Info,
            "New instances count per node by default; existing ones keep their policy. State it in automation.",
            static c => c.Describe(c.Plugins("rate-limiting", "response-ratelimiting"))),
        new("plg-rla-namespace", "3.0", Warning,
            "Write the namespace into your files before anybody synchronises them: a generated one splits the counters.",
            static c => c.Describe(c.Plugins("rate-limiting-advanced"))),
        new("plg-oauth2-tokens", null, Warning,
            "Tokens issued by one cluster after the backup are unknown to the other: keep the token endpoints sticky, or expect clients to log in again.",
            static c => c.Describe(c.Plugins("oauth2"))),
        new("db-collector-plugin", "2.8.4.1", Blocker,
            "Kong does not start while this plugin is configured: delete its instances before the freeze.",
            static c => c.Describe(c.Plugins("collector"))),
        new("plg-statsd-advanced", "3.0", Warning, "statsd-advanced is on its way out: move to statsd.",
            static c => c.Describe(c.Plugins("statsd-advanced"))),
        new("ent-opentracing", "3.0", Warning, "The nginx opentracing module is on its way out and broken in 3.0.0: move to opentelemetry.",
            static c => c.Describe(c.Plugins("opentracing"))),
        new("lic-plugin-ordering", "3.5", Blocker,
            "Plugin ordering needs a licence on cluster Y: deploy one, or remove the ordering.",
            static c => c.Entities.FilledTables.Contains("licenses") ? [] : c.Describe(c.Entities.Plugins.Where(static p => p.Ordering is { ValueKind: System.Text.Json.JsonValueKind.Object }))),
        new("rt-lua-sandbox-strict", "3.14", Blocker,
            "Lua code runs in a narrower sandbox: rewrite what reaches the network or loads modules, or set untrusted_lua for cluster Y.",
            static c => c.ConfigurationY["untrusted_lua"] is null
                ? c.Describe(c.Plugins("pre-function", "post-function", "exit-transformer", "request-transformer-advanced", "response-transformer-advanced", "datakit"))
                : []),
        new("rt-h2-content-length", "3.6", Warning,
            "HTTP/2 requests without a length end in 500 in plugins that read the body: aim at 3.6.1.1 or later.",
            static c => c.To < new KongVersion(3, 6, 1, 1)
                ? c.Describe(c.Plugins("jq", "request-size-limiting", "request-validator", "request-transformer", "request-transformer-advanced"))
                : []),
    ];

    private static bool Code(Entities.PluginEntity plugin, string text) => plugin.Config.GetRawText().Contains(text, StringComparison.Ordinal);
}
