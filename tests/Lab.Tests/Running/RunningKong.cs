using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Lab.Tests.Running;

/// <summary>A started node with clients for its three ports.</summary>
public sealed class RunningKong : IAsyncDisposable
{
    private RunningKong(KongCli cli)
    {
        Cli = cli;
        static HttpClient Client(int port) => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(100) };
        Proxy = Client(cli.ProxyPort);
        Admin = Client(cli.AdminPort);
        Status = Client(cli.StatusPort);
    }

    public KongCli Cli { get; }

    public HttpClient Proxy { get; }

    public HttpClient Admin { get; }

    public HttpClient Status { get; }

    /// <summary>A node on an empty database that it has bootstrapped.</summary>
    public static async Task<RunningKong> BootstrapAsync(LabFixture lab, string version)
    {
        var cli = new KongCli(version, lab.Postgres.Port, await lab.CreateDatabaseAsync());
        await cli.MustAsync("migrations", "bootstrap");
        return await StartAsync(cli);
    }

    public static async Task<RunningKong> StartAsync(KongCli cli)
    {
        await cli.MustAsync("start");
        return new RunningKong(cli);
    }

    /// <summary>A write through the Admin API that must succeed; returns what was stored.</summary>
    public async Task<JsonObject> PostAsync(string path, object body)
    {
        using var response = await Admin.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"POST {path}: {(int)response.StatusCode} {text}");
        return (JsonObject)JsonNode.Parse(text)!;
    }

    public async Task<JsonObject> GetAdminAsync(string path) =>
        (JsonObject)JsonNode.Parse(await Admin.GetStringAsync(path, TestContext.Current.CancellationToken))!;

    public async Task<int> ProxyStatusAsync(string path, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(HttpMethod.Get, path, headers);
        return (int)response.StatusCode;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                throw new ArgumentException($"{name} is not a request header");
            }
        }

        return await Proxy.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<string> MetricsAsync() => Status.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

    /// <summary>The value of the first sample whose line begins so; 0 when there is none.</summary>
    public async Task<double> SampleAsync(string start)
    {
        var line = (await MetricsAsync()).Split('\n').FirstOrDefault(l => l.StartsWith(start, StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(line.LastIndexOf(' ') + 1)..]);
    }

    /// <summary>Waits until a sample has its value: a request is counted a moment after it was answered.</summary>
    public Task CountsAsync(double value, string start) =>
        Eventually.ReachesAsync(start, () => SampleAsync(start), sample => sample.Equals(value), cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Gives the node a fault plan and waits until it is in force.</summary>
    public async Task ApplyFaultsAsync(string plan)
    {
        await File.WriteAllTextAsync(Path.Combine(Cli.Prefix, "faults.json"), plan, TestContext.Current.CancellationToken);
        var applied = Path.Combine(Cli.Prefix, "faults.applied");
        await Eventually.HoldsAsync(
            $"the fault plan {plan}", async () => File.Exists(applied) && await File.ReadAllTextAsync(applied, TestContext.Current.CancellationToken) == plan);
    }

    public async ValueTask DisposeAsync()
    {
        Proxy.Dispose();
        Admin.Dispose();
        Status.Dispose();
        await Cli.DisposeAsync();
    }
}
