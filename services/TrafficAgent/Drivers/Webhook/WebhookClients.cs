using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Webhook;

/// <summary>One HTTP client for each set of trusted authorities, kept over drivers so that connections are.</summary>
internal sealed class WebhookClients : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<HttpClient>> _clients = new(StringComparer.Ordinal);

    /// <summary>The client that trusts these authorities; null trusts those of the system.</summary>
    /// <param name="pem">Their certificates.</param>
    public HttpClient For(string? pem) => _clients.GetOrAdd(pem ?? "", _ => new Lazy<HttpClient>(() => Create(pem))).Value;

    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(static c => c.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    private static HttpClient Create(string? pem)
    {
        var ssl = new SslClientAuthenticationOptions();
        if (pem is not null)
        {
            ssl.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            ssl.CertificateChainPolicy.CustomTrustStore.ImportFromPem(pem);
        }

        // A redirect would carry the token to somebody else. The service's address may move to another host within the minute.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1), SslOptions = ssl };
        return new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan, // Each request brings its own bound.
            MaxResponseContentBufferSize = 64 * 1024,
        };
    }
}
