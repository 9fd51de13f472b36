using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Exec;
using KongUpgradeMesh.TrafficAgent.Drivers.Webhook;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>A real HAProxy that is driven by the documented examples: as a program, or as a service over TLS.</summary>
public sealed class ExternalTestBalancer : ITestBalancer
{
    private readonly HAProxyTestBalancer _haproxy;
    private readonly string _directory = Directory.CreateTempSubdirectory("kum-external-").FullName;
    private ServerProcess? _service;

    private ExternalTestBalancer(HAProxyTestBalancer haproxy, ITrafficDriverFactory factory)
    {
        _haproxy = haproxy;
        Factory = factory;
    }

    public string Driver => Factory.Name;

    public IReadOnlyDictionary<string, string> Settings { get; private set; } = new Dictionary<string, string>();

    public int FrontendPort => _haproxy.FrontendPort;

    public ITrafficDriverFactory Factory { get; }

    public string KeptFile => _haproxy.KeptFile;

    private static string Examples => Path.Combine(Repository.Root, "examples", "traffic");

    // The names that the example asks for.
    private Dictionary<string, string?> Environment => new()
    {
        ["HAPROXY_SOCKET"] = _haproxy.Server.Socket,
        ["HAPROXY_MAP"] = _haproxy.Server.Map,
        ["HAPROXY_BACKEND_X"] = HaproxyServer.BackendX,
        ["HAPROXY_BACKEND_Y"] = HaproxyServer.BackendY,
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
    };

    public static async Task<ExternalTestBalancer> StartProgramAsync(EchoBackend x, EchoBackend y)
    {
        var balancer = new ExternalTestBalancer(
            await HAProxyTestBalancer.StartAsync(x, y), new ExecTrafficDriverFactory(new ProgramRunner(TimeProvider.System), TimeProvider.System));
        balancer.Settings = new Dictionary<string, string>(balancer.Environment.Select(static e => KeyValuePair.Create("environment." + e.Key, e.Value!)))
        {
            ["program"] = Path.Combine(Examples, "haproxy_map.py"),
            ["sticky"] = "true",
            ["assignment"] = "request",
            ["counts"] = "true",
            ["observe"] = "60ms",
            ["timeout"] = "60s",
        };
        return balancer;
    }

    public static async Task<ExternalTestBalancer> StartServiceAsync(EchoBackend x, EchoBackend y)
    {
        var balancer = new ExternalTestBalancer(await HAProxyTestBalancer.StartAsync(x, y), new WebhookTrafficDriverFactory(TimeProvider.System));
        var (port, token, certificate) = (LoopbackPorts.Take(), Guid.NewGuid().ToString("N"), Path.Combine(balancer._directory, "service.pem"));
        await File.WriteAllTextAsync(certificate, SelfSigned());
        await File.WriteAllTextAsync(Path.Combine(balancer._directory, "token"), token + "\n");
        balancer._service = ServerProcess.Start(
            "/usr/bin/env",
            ["python3", Path.Combine(Examples, "webhook.py"), "haproxy_map:HAProxyMap", $"127.0.0.1:{port}"],
            new Dictionary<string, string?>(balancer.Environment) { ["WEBHOOK_TOKEN"] = token, ["WEBHOOK_CERTIFICATE"] = certificate });
        await balancer._service.WaitUntilAsync("its port", cancel => ServerProcess.AcceptsAsync(port, cancel), ServerProcess.StartLimit, CancellationToken.None);
        balancer.Settings = new Dictionary<string, string>
        {
            ["url"] = $"https://127.0.0.1:{port}/split",
            ["token"] = $"file:{Path.Combine(balancer._directory, "token")}",
            ["caFile"] = certificate,
            ["sticky"] = "true",
            ["assignment"] = "request",
            ["counts"] = "true",
            ["observe"] = "60ms",
            ["timeout"] = "60s",
        };
        return balancer;
    }

    public Task KillAsync() => _haproxy.KillAsync();

    public Task StartAgainAsync() => _haproxy.StartAgainAsync();

    public Task ChangeByHandAsync(int weightY) => _haproxy.ChangeByHandAsync(weightY);

    public Task ReplaceByHandAsync(int weightY) => _haproxy.ReplaceByHandAsync(weightY);

    public async ValueTask DisposeAsync()
    {
        await (_service?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _haproxy.DisposeAsync();
        (Factory as IDisposable)?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static string SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kum-webhook", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }
}
