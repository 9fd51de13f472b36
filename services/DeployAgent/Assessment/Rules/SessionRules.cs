using static KongUpgradeMesh.Contracts.Deployment.FindingSeverity;

namespace KongUpgradeMesh.DeployAgent.Assessment.Rules;

/// <summary>Sessions: their format changed at 3.2.</summary>
internal static class SessionRules
{
    private static readonly string[] RenamedFields =
        ["cookie_lifetime", "cookie_idletime", "cookie_samesite", "cookie_httponly", "cookie_discard", "cookie_renew"];

    public static IReadOnlyList<BreakingChangeRule> All { get; } =
    [
        // Nothing breaks on cluster Y; every user logs in again. So it is for the operator to weigh, not for the product to forbid.
        new("plg-session-lib4", "3.2", Warning,
            "Sessions begun on one side are unknown to the other: users log in again when they move, and once more on a rollback. Keep the split sticky.",
            static c => c.Describe(c.Plugins("session", "openid-connect", "saml"))),
        new("plg-session-manager", "3.2", Warning, "Sessions of Kong Manager end with the move.",
            static c => c.ConfigurationX["admin_gui_session_conf"] is null ? [] : ["kong.conf: admin_gui_session_conf"]),
        new("plg-session-params", "3.2", Info, "The cookie fields have new names: rename them in files once all nodes run 3.2 or later.",
            static c => c.Describe(c.Plugins("session").Where(static p => RenamedFields.Any(p.Has)))),
        new("plg-oidc-session-params", "3.2", Info, "The session fields have new names: rename them in files once all nodes run 3.2 or later.",
            static c => c.Describe(c.Plugins("openid-connect", "saml").Where(static p => p.Config.ValueKind == System.Text.Json.JsonValueKind.Object
                && p.Config.EnumerateObject().Any(static f => f.Name.StartsWith("session_cookie_", StringComparison.Ordinal) || f.Name is "session_strategy" or "session_compressor")))),
        new("plg-session-timeouts", "3.2", Warning, "Idle sessions end after 15 minutes and all after a day unless you set the timeouts.",
            static c => c.Describe(c.Plugins("session", "openid-connect", "saml").Where(static p => !p.Has("idling_timeout") && !p.Has("session_idling_timeout")))),
    ];
}
