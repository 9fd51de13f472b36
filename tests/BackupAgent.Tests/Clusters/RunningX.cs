using System.Net.Http.Json;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Lab.Tests.Running;

namespace KongUpgradeMesh.Tests.BackupAgent.Clusters;

/// <summary>A started node of the stand-in on a database of its own, with an upstream behind it.</summary>
internal sealed class RunningX : IAsyncDisposable
{
    public const string Key = "alices-key-0123456789";

    private readonly HttpClient _http = new();
    private EchoUpstream? _upstream;

    private RunningX(KongCli cli, DatabaseSpec database)
    {
        Cli = cli;
        Database = database;
    }

    public KongCli Cli { get; }

    public DatabaseSpec Database { get; }

    public static async Task<RunningX> StartAsync(PostgresServer server, string version)
    {
        var name = $"x_{Guid.NewGuid():N}"[..20];
        await server.CreateDatabaseAsync(name);
        var x = new RunningX(new KongCli(version, server.Port, name), new DatabaseSpec { Host = "127.0.0.1", Port = server.Port, Name = name, User = PostgresServer.User });
        try
        {
            await x.Cli.MustAsync("migrations", "bootstrap");
            await x.Cli.MustAsync("start");
            return x;
        }
        catch
        {
            await x.DisposeAsync();
            throw;
        }
    }

    /// <summary>The bench's spec with this cluster as X.</summary>
    public UpgradeSpec Adopt(UpgradeSpec spec) => spec with
    {
        From = spec.From with
        {
            Version = Cli.Version,
            Database = Database,
            Nodes = [spec.From.Nodes[0] with { Admin = new Uri($"http://127.0.0.1:{Cli.AdminPort}"), Proxy = new Uri($"http://127.0.0.1:{Cli.ProxyPort}") }],
        },
        To = spec.To with { Database = Database with { Name = "y_" + Database.Name } },
    };

    /// <summary>Routes with and without authentication, a consumer, an upstream with targets, plugins of every scope.</summary>
    public async Task ConfigureAsync()
    {
        _upstream = await EchoUpstream.StartAsync();
        await PostAsync("/upstreams", new { name = "orders.internal" });
        await PostAsync("/upstreams/orders.internal/targets", new { target = $"127.0.0.1:{_upstream.Port}", weight = 10 });
        await PostAsync("/services", new { name = "orders", host = "orders.internal", path = "/orders" });
        await PostAsync("/services", new { name = "open", url = $"http://127.0.0.1:{_upstream.Port}" });
        await PostAsync("/services/orders/routes", new { name = "orders", paths = new[] { "/api/orders" } });
        await PostAsync("/services/open/routes", new { name = "open", paths = new[] { "/open" }, hosts = new[] { "a.example", "b.example" } });
        await PostAsync("/services/open/routes", new { name = "closed", paths = new[] { "/closed" } });
        await PostAsync("/services/orders/plugins", new { name = "key-auth" });
        await PostAsync("/routes/closed/plugins", new { name = "request-termination", config = new { status_code = 418, message = "no" } });
        await PostAsync("/plugins", new { name = "correlation-id", config = new { header_name = "X-Trace" } });
        await PostAsync("/consumers", new { username = "alice", custom_id = "0010" });
        await PostAsync("/consumers", new { username = "bob" });
        await PostAsync("/consumers/alice/key-auth", new { key = Key });
        await PostAsync("/consumers/alice/acls", new { group = "yes" });
        await PostAsync("/consumers/bob/basic-auth", new { username = "bob", password = "bobs-password" });
        await PostAsync("/consumers/bob/plugins", new { name = "request-size-limiting", config = new { allowed_payload_size = 1 } });
    }

    public async Task PostAsync(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri($"http://127.0.0.1:{Cli.AdminPort}{path}"), body);
        Assert.True(answer.IsSuccessStatusCode, $"POST {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Status and body of a request through the proxy.</summary>
    public static async Task<string> AskAsync(KongCli cli, string path, string? host = null, string? key = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{cli.ProxyPort}{path}");
        request.Headers.Host = host ?? "same.example";
        if (key is not null)
        {
            request.Headers.Add("apikey", key);
        }

        using var answer = await http.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        return $"{(int)answer.StatusCode} {body}";
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Cli.DisposeAsync();
        await (_upstream?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
