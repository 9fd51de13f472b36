using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;

/// <summary>Makes kubernetes drivers; those with the same certificate authorities share their connections.</summary>
public sealed class KubernetesTrafficDriverFactory(TimeProvider clock) : ITrafficDriverFactory, IDisposable
{
    // An object has at most 1.5 MiB in etcd.
    private const int LongestAnswer = 4 * 1024 * 1024;
    private readonly ConcurrentDictionary<string, Lazy<HttpClient>> _clients = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name => "kubernetes";

    /// <inheritdoc/>
    public ITrafficDriver Create(DriverSettings settings)
    {
        var options = KubernetesOptions.Bind(settings);
        var client = _clients.GetOrAdd(options.Authorities ?? "", static authorities => new Lazy<HttpClient>(() => ClientFor(authorities)));
        return new KubernetesTrafficDriver(options, client.Value, clock);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(static c => c.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    private static HttpClient ClientFor(string authorities)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (authorities.Length > 0)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPem(authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan, // Each request brings its own bound.
            MaxResponseContentBufferSize = LongestAnswer,
        };
    }
}
