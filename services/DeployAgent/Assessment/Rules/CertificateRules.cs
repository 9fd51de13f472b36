using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KongUpgradeMesh.DeployAgent.Entities;
using static KongUpgradeMesh.Contracts.Deployment.FindingSeverity;

namespace KongUpgradeMesh.DeployAgent.Assessment.Rules;

/// <summary>Certificates while configuration is frozen and two clusters answer, whatever the versions are.</summary>
internal static class CertificateRules
{
    private const int DefaultRenewThresholdDays = 14;

    public static IReadOnlyList<BreakingChangeRule> All { get; } =
    [
        new("certificate-expires", null, Warning,
            "Replace it before the freeze: until the upgrade has ended certificates cannot be written, and what ACME may still write on cluster X is missing on cluster Y.",
            static c => Expiring(c, TimeSpan.Zero)),
        new("acme-renewal-due", null, Warning,
            "Let ACME renew it on cluster X before the freeze; during the upgrade either cluster would order it, against the issuer's limits and in vain: storing it is refused, or only one cluster has it.",
            static c => Acme(c).Any() ? Expiring(c, RenewThreshold(c)).Except(Expiring(c, TimeSpan.Zero)) : []),
        new("acme-challenge", null, Warning,
            "Route /.well-known/acme-challenge/ to cluster X in the load balancer until the unfreeze, and let no new domain be asked for at cluster Y until then: the side that orders must answer the challenge.",
            static c => c.Describe(Acme(c))),
    ];

    private static IEnumerable<PluginEntity> Acme(AssessedCluster cluster) => cluster.Plugins("acme").Where(static p => p.Enabled);

    private static TimeSpan RenewThreshold(AssessedCluster cluster) =>
        TimeSpan.FromDays((double)Acme(cluster).Max(static p => p.Number("renew_threshold_days") ?? DefaultRenewThresholdDays));

    private static IEnumerable<string> Expiring(AssessedCluster cluster, TimeSpan margin) => cluster.ExpectedEnd is not { } end ? [] :
        from row in cluster.Entities.Certificates
        where row.Table == "certificates"
        let expiry = ExpiryOf(row)
        where expiry < end + margin
        select $"certificate {row.Id}, valid until {expiry:yyyy-MM-dd HH:mm}";

    // A reference to a vault is no certificate, and is renewed there.
    private static DateTimeOffset? ExpiryOf(CertificateEntity row)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(row.Pem);
            return certificate.NotAfter.ToUniversalTime();
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
