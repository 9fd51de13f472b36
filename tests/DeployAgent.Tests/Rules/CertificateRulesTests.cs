using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Assessment;
using KongUpgradeMesh.DeployAgent.Entities;

namespace KongUpgradeMesh.DeployAgent.Tests.Rules;

public sealed class CertificateRulesTests
{
    private static readonly DateTimeOffset End = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-1, "certificate-expires")]
    [InlineData(24, null)]
    public void Names_a_certificate_that_expires_before_the_end(int hoursAfterEnd, string? rule) =>
        Assert.Equal(rule is null ? [] : [rule], Assess(Certificate(hoursAfterEnd), "key-auth", "{}"));

    [Theory]
    [InlineData(-1, "certificate-expires")]
    [InlineData(24 * 13, "acme-renewal-due")]
    [InlineData(24 * 15, null)]
    public void Names_what_ACME_would_renew_meanwhile(int hoursAfterEnd, string? rule) =>
        Assert.Equal(rule is null ? ["acme-challenge"] : [rule, "acme-challenge"], Assess(Certificate(hoursAfterEnd), "acme", """{"storage":"kong"}"""));

    [Fact]
    public void Knows_the_threshold_that_the_plugin_sets() =>
        Assert.DoesNotContain("acme-renewal-due", Assess(Certificate(24 * 13), "acme", """{"renew_threshold_days":3}"""));

    [Theory]
    [InlineData("{vault://env/cert}")]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----")]
    public void Passes_over_what_is_no_certificate(string pem) =>
        Assert.Empty(Assess(new CertificateEntity(Guid.NewGuid(), "certificates", pem), "key-auth", "{}"));

    [Fact]
    public void Says_until_when_it_is_valid_and_nothing_else_of_it()
    {
        var row = Certificate(-1);
        var finding = Assert.Single(
            UpgradeAssessment.Of(Cluster.With(new KongEntities { Certificates = [row] }) with { ExpectedEnd = End }).Findings, static f => f.Rule == "certificate-expires");
        Assert.Equal($"certificate {row.Id}, valid until 2026-06-01 11:00", finding.Subject);
    }

    [Fact]
    public void Counts_dwells_decisions_soak_and_gates_as_time_that_may_pass()
    {
        var spec = Cluster.Spec(null, 10, 100) with { Soak = TimeSpan.FromHours(5), Gates = [new GateSpec { Before = "Shift", Deadline = TimeSpan.FromHours(24) }] };
        Assert.Equal(TimeSpan.FromHours(1 + 5 + 24) + (2 * (spec.Traffic.Dwell + spec.Traffic.DecideWithin)), ExpectedUpgrade.LongestOf(spec));
    }

    private static IReadOnlyList<string> Assess(CertificateEntity row, string plugin, string config) =>
        [.. UpgradeAssessment.Of(Cluster.With(Cluster.Plugin(plugin, config) with { Certificates = [row] }) with { ExpectedEnd = End })
            .Findings.Select(static f => f.Rule).Where(static r => r.StartsWith("certificate-", StringComparison.Ordinal) || r.StartsWith("acme-", StringComparison.Ordinal))];

    private static CertificateEntity Certificate(int hoursAfterEnd)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=a.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(End.AddDays(-90), End.AddHours(hoursAfterEnd));
        return new CertificateEntity(Guid.NewGuid(), "certificates", certificate.ExportCertificatePem());
    }
}
