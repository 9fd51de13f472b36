using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Coordinator;
using KongUpgradeMesh.Coordinator.Tests.Support;
using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent;
using KongUpgradeMesh.TrafficAgent.Drivers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>
/// The coordinator on PostgreSQL and a traffic agent before a real load balancer, talking over RabbitMQ. What the other agents
/// do is scripted: every step succeeds at once, and cluster Y is bad when the benchmark says so.
/// </summary>
internal sealed class BreachBench : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("kum-benchmark-breach-");
    private readonly AgentScript _script = new();
    private readonly PostgresServer _postgres;
    private readonly RabbitMqServer _broker;
    private WebApplication _mesh = null!;
    private HttpClient _http = null!;

    private BreachBench(PostgresServer postgres, RabbitMqServer broker) => (_postgres, _broker) = (postgres, broker);

    public static async Task<BreachBench> StartAsync(CancellationToken cancellationToken)
    {
        var bench = new BreachBench(await PostgresServer.StartAsync(durable: true, cancellationToken: cancellationToken), await RabbitMqServer.StartAsync(cancellationToken: cancellationToken));
        try
        {
            await bench.StartMeshAsync(cancellationToken);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Runs an upgrade until half of the clients are on Y, publishes a failed verdict, and measures until the balancer reports 0 % on Y and until the
    /// last request began that Y answered. Returns when the upgrade has ended.
    /// </summary>
    /// <param name="driver">The traffic driver.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="reflex">Whether the traffic agent may act on the verdict itself; otherwise the coordinator's command is waited for.</param>
    /// <param name="sides">What answers as X and as Y.</param>
    /// <param name="clients">Who asks.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task<(TimeSpan Reported, TimeSpan Observed)> RunAsync(
        string driver, IReadOnlyDictionary<string, string> settings, bool reflex, (NamedBackend X, NamedBackend Y) sides, SplitClients clients, CancellationToken cancellationToken)
    {
        var breach = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _script.OnWatchTurning(WatchPurpose.Step, breach.Task);
        var balancer = _mesh.Services.GetRequiredService<TrafficDriverCatalog>().Create(new TrafficSpec { Driver = driver, Settings = settings });
        var upgrade = await StartUpgradeAsync(Spec(driver, settings, reflex, sides.X, sides.Y), cancellationToken);
        await Eventually.HoldsAsync(
            "the watch of the split", () => Task.FromResult(_script.Commands.Any(c => c is WatchTraffic { Purpose: WatchPurpose.Step } && c.Step.UpgradeId == upgrade)), Limit, cancellationToken);
        await clients.AwaitAsync(sideY: true, 50, cancellationToken);

        var failed = TimeProvider.System.GetTimestamp();
        breach.SetResult();
        while ((await balancer.ReadAsync(cancellationToken)).Split.WeightY > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        }

        var reported = TimeProvider.System.GetElapsedTime(failed);
        await clients.AwaitAsync(sideY: false, 200, cancellationToken);
        await Eventually.ReachesAsync("the rollback's end", () => ReadAsync(upgrade, cancellationToken), static view => view.Outcome == UpgradeOutcome.RolledBack, Limit, cancellationToken);
        var last = clients.LastOnY;
        return (reported, last > failed ? TimeProvider.System.GetElapsedTime(failed, last) : TimeSpan.Zero);
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_mesh is not null)
        {
            await _mesh.StopAsync();
            await _mesh.DisposeAsync();
        }

        await _broker.DisposeAsync();
        await _postgres.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private async Task StartMeshAsync(CancellationToken cancellationToken)
    {
        var address = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        _mesh = MeshApplication.Build(
            [],
            [new CoordinatorModule(), new TrafficAgentModule(), new ScriptedAgents(AgentKind.Backup), new ScriptedAgents(AgentKind.Deploy), new ScriptedAgents(AgentKind.Monitor)],
            builder =>
            {
                builder.Services.AddSingleton(_script);
                builder.Logging.ClearProviders();
            },
            new Dictionary<string, string?>
            {
                ["urls"] = address,
                ["Bus:Host"] = "127.0.0.1",
                ["Bus:Port"] = $"{_broker.Port}",
                ["Bus:VirtualHost"] = RabbitMqServer.VirtualHost,
                ["Bus:User"] = RabbitMqServer.User,
                ["Bus:Password"] = $"file:{Password()}",
                ["Messaging:ConnectionString"] = await _postgres.CreateDatabaseAsync("kum", cancellationToken: cancellationToken),
                ["Agent:Datacenter"] = "t1",
                ["Agent:StateDirectory"] = _state.FullName,
            });
        await _mesh.StartAsync(cancellationToken);
        _http = new HttpClient { BaseAddress = new Uri(address) };
    }

    private string Password()
    {
        var file = Path.Combine(_state.FullName, "bus-password");
        File.WriteAllText(file, RabbitMqServer.Password);
        return file;
    }

    private async Task<Guid> StartUpgradeAsync(object spec, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync(
            "/api/v1/upgrades", new { requestId = Guid.NewGuid().ToString(), requestedBy = "benchmark", spec }, Json, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync(cancellationToken));
        }

        return (await response.Content.ReadFromJsonAsync<UpgradeAccepted>(Json, cancellationToken))!.UpgradeId;
    }

    private async Task<UpgradeView> ReadAsync(Guid upgrade, CancellationToken cancellationToken) =>
        (await _http.GetFromJsonAsync<UpgradeView>($"/api/v1/upgrades/{upgrade}", Json, cancellationToken))!;

    private static object Spec(string driver, IReadOnlyDictionary<string, string> settings, bool reflex, NamedBackend x, NamedBackend y) => new
    {
        cluster = "benchmark",
        datacenter = "t1",
        from = Cluster("2.8.5", "kong_x", x),
        to = Cluster("3.4.2", "kong_y", y),
        backup = new { directory = "/nowhere" },
        traffic = new { driver, settings, reflex, steps = new[] { 50, 100 }, dwell = "1h" },
    };

    private static object Cluster(string version, string database, NamedBackend backend) => new
    {
        version,
        database = new { host = "127.0.0.1", name = database, user = "kong" },
        deployment = new { executable = "/nowhere/kong" },
        nodes = new[] { new { name = "n1", prefix = $"/nowhere/{version}", proxy = backend.Address, admin = backend.Address } },
    };
}
