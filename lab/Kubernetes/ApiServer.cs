using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKubernetes.Schemas;
using KongUpgradeMesh.Lab.StandInKubernetes.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Lab.StandInKubernetes;

/// <summary>A stand-in for kube-apiserver: objects, patches, access rules and watches as the real one answers them, without controllers and without admission.</summary>
/// <remarks>Its tests hold it against recorded exchanges of a real server. Objects outlive a kill, as they do in etcd.</remarks>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly ServerCertificate _certificate = new();
    private readonly ObjectStore _objects;
    private readonly ApiRequests _requests;
    private readonly int _port;
    private WebApplication? _app;

    private ApiServer(ApiServerLayout layout, TimeProvider clock)
    {
        _port = layout.Port;
        _objects = new ObjectStore(layout.Revision);
        _requests = new ApiRequests(_objects, layout.Accounts, clock);
        _certificate.Create(clock);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new($"https://127.0.0.1:{_port}");

    /// <summary>The certificate that clients must trust, as PEM.</summary>
    public string AuthorityPem => _certificate.Pem;

    /// <summary>Starts it.</summary>
    public static async Task<ApiServer> StartAsync(ApiServerLayout layout, TimeProvider clock, CancellationToken cancellationToken = default)
    {
        var server = new ApiServer(layout, clock);
        await server.StartAgainAsync(cancellationToken);
        return server;
    }

    /// <summary>Stores an object as it is, with its versions and owners, as if it had always been there.</summary>
    public void Seed(JsonObject content) =>
        _objects.Seed(ResourceCatalog.OfManifest(content) ?? throw new ArgumentException("the stand-in does not serve this kind", nameof(content)), content);

    /// <summary>A client with this token that trusts this server.</summary>
    public HttpClient CreateClient(string token)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(AuthorityPem);
        var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
        return new HttpClient(handler) { BaseAddress = Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    /// <summary>Listens (again) on the same port.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, listen => listen.UseHttps(_certificate.Certificate)));
        _app = builder.Build();
        _app.Run(_requests.HandleAsync);
        await _app.StartAsync(cancellationToken);
    }

    /// <summary>Breaks all connections and stops listening.</summary>
    public async Task KillAsync()
    {
        if (_app is { } running)
        {
            _app = null;
            await running.StopAsync(new CancellationToken(canceled: true));
            await running.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _certificate.Dispose();
    }
}
