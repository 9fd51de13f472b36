using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.Kong.Versions;
using static KongUpgradeMesh.Contracts.Deployment.FindingSeverity;

namespace KongUpgradeMesh.DeployAgent.Assessment.Rules;

/// <summary>TLS library, nginx and licence.</summary>
internal static class RuntimeRules
{
    private const int LeastRsaBits = 2048;
    private const int LeastEcBits = 224;

    public static IReadOnlyList<BreakingChangeRule> All { get; } =
    [
        new("rt-openssl32-seclevel", "3.6", Blocker,
            "OpenSSL of cluster Y refuses keys this short: issue the certificate anew before the freeze.",
            static c => ShortKeys(c)),
        new("rt-openssl32-seclevel-34", "3.4.3.5", Blocker,
            "OpenSSL of cluster Y refuses keys this short: issue the certificate anew before the freeze.",
            static c => c.To.Line == "3.4" ? ShortKeys(c) : []),
        new("rt-rc4", "3.6", Blocker, "RC4 is refused by cluster Y: remove it from ssl_ciphers.",
            static c => c.ConfigurationY["ssl_ciphers"]?.Contains("RC4", StringComparison.OrdinalIgnoreCase) == true ? ["kong.conf: ssl_ciphers"] : []),
        new("rt-tls11-off", "3.6", Warning, "Clients that speak TLS 1.1 are turned away: count them before you shift traffic.",
            static c => c.ConfigurationY["ssl_protocols"] is null && c.ConfigurationY["ssl_cipher_suite"] != "old" ? ["kong.conf: ssl_protocols"] : []),
        new("rt-x-kong-request-id", "3.5", Info, "Responses and upstream requests gain the header X-Kong-Request-Id.",
            static _ => ["all responses"]),
        new("rt-pcre2", "3.7", Warning, "Regular expressions in plugins run on PCRE2: test unusual ones.",
            static c => c.Describe(c.Plugins("bot-detection", "cors", "request-validator"))),
        new("rt-connection-pool-bug", "3.10", Warning, "This release reuses upstream connections wrongly: aim at a later patch.",
            static c => c.To == new KongVersion(3, 10) || c.To == new KongVersion(3, 10, 0, 1) ? [$"version {c.To}"] : []),
        new("lic-free-mode", "3.10", Warning, "Enterprise without a licence loses its free mode: deploy a licence to cluster Y.",
            static c => c.Edition == KongEdition.Enterprise && !c.Entities.FilledTables.Contains("licenses") ? ["licence"] : []),
        new("lic-expired-readonly", "3.15", Warning, "An expired licence makes the Admin API read-only: check its date before the upgrade.",
            static c => c.Edition == KongEdition.Enterprise ? ["licence"] : []),
    ];

    private static IEnumerable<string> ShortKeys(AssessedCluster cluster) =>
        cluster.Entities.Certificates.Where(IsShort).Select(static c => $"{c.Table} {c.Id}");

    private static bool IsShort(CertificateEntity row)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(row.Pem);
            using var rsa = certificate.GetRSAPublicKey();
            using var ec = certificate.GetECDsaPublicKey();
            return rsa?.KeySize < LeastRsaBits || ec?.KeySize < LeastEcBits;
        }
        catch (CryptographicException)
        {
            return false; // A vault reference, or a text Kong could not use either.
        }
    }
}
