using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KongUpgradeMesh.Lab.StandInKubernetes;

/// <summary>A certificate for this host that is its own authority.</summary>
internal sealed class ServerCertificate : IDisposable
{
    private X509Certificate2? _certificate;

    public X509Certificate2 Certificate => _certificate ?? throw new InvalidOperationException("not created yet");

    public string Pem => Certificate.ExportCertificatePem();

    public void Create(TimeProvider clock)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        // The machine's clock checks it, whatever clock the objects' times come from.
        var now = TimeProvider.System.GetUtcNow() < clock.GetUtcNow() ? TimeProvider.System.GetUtcNow() : clock.GetUtcNow();
        _certificate = request.CreateSelfSigned(now.AddDays(-1), TimeProvider.System.GetUtcNow().AddYears(1));
    }

    public void Dispose() => _certificate?.Dispose();
}
