namespace KongUpgradeMesh.DeployAgent.Assessment.Rules;

/// <summary>All rules, in the order in which they are evaluated.</summary>
internal static class RuleBook
{
    public static IReadOnlyList<BreakingChangeRule> All { get; } =
        [.. DatabaseRules.All, .. KongConfRules.All, .. RouteRules.All, .. PluginRules.All, .. LoggingRules.All, .. SessionRules.All, .. RuntimeRules.All, .. CertificateCheckRules.All, .. CertificateRules.All];
}
