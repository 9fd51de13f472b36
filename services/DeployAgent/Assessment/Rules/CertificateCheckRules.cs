using KongUpgradeMesh.Contracts.Deployment;

namespace KongUpgradeMesh.DeployAgent.Assessment.Rules;

/// <summary>3.14 insists on verified certificates: plugins that switch the check off are refused.</summary>
internal static class CertificateCheckRules
{
    private static readonly (string Plugin, string[] Fields)[] Table =
    [
        ("acme", ["storage_config.redis.ssl_verify"]),
        ("aws-lambda", ["aws_sts_endpoint_ssl_verify"]),
        ("basic-auth", ["brute_force_protection.redis.ssl_verify"]),
        ("http-log", ["ssl_verify"]),
        ("kafka-log", ["security.ssl_verify"]),
        ("ldap-auth", ["verify_ldap_host"]),
        ("ldap-auth-advanced", ["verify_ldap_host"]),
        ("mtls-auth", ["ssl_verify"]),
        ("openid-connect", ["ssl_verify", "redis.ssl_verify", "cluster_cache_redis.ssl_verify", "session_memcached_ssl_verify"]),
        ("proxy-cache-advanced", ["redis.ssl_verify"]),
        ("rate-limiting", ["redis.ssl_verify"]),
        ("rate-limiting-advanced", ["redis.ssl_verify"]),
        ("response-ratelimiting", ["redis.ssl_verify"]),
        ("saml", ["redis.ssl_verify"]),
        ("service-protection", ["redis.ssl_verify"]),
        ("tcp-log", ["ssl_verify"]),
        ("upstream-oauth", ["client.ssl_verify", "cache.redis.ssl_verify"]),
    ];

    public static IReadOnlyList<BreakingChangeRule> All { get; } =
    [
        .. Table.Select(static row => new BreakingChangeRule(
            $"tls314-{row.Plugin}",
            "3.14",
            FindingSeverity.Blocker,
            $"Switch {string.Join(" and ", row.Fields)} on with a CA that cluster Y trusts, or set tls_certificate_verify=off for cluster Y.",
            c => c.ConfigurationY["tls_certificate_verify"] == "off" ? [] : c.Describe(c.Plugins(row.Plugin).Where(p => row.Fields.Any(p.IsFalse))))),
    ];
}
