using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(KongUpgradeMesh.Coordinator.Tests.Support.CoordinatorFixture))]

namespace KongUpgradeMesh.Coordinator.Tests.Support;

/// <summary>A real coordinator on a real PostgreSQL, its REST API on a loopback port, with scripted agents for datacenter t1.</summary>
public sealed class CoordinatorFixture : IAsyncLifetime
{
    private readonly string _state = Directory.CreateTempSubdirectory("kum-coordinator-").FullName;
    private PostgresServer _postgres = null!;
    private WebApplication _app = null!;

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public HttpClient Http { get; private set; } = null!;

    public string ConnectionString { get; private set; } = "";

    internal AgentScript Script { get; } = new();

    public IServiceProvider Services => _app.Services;

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartAsync();
        ConnectionString = await _postgres.CreateDatabaseAsync("kum");
        var address = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        _app = MeshApplication.Build(
            [],
            [new CoordinatorModule(), .. Enum.GetValues<AgentKind>().Select(k => new ScriptedAgents(k))],
            builder =>
            {
                builder.Services.AddSingleton(Script);
                if (Environment.GetEnvironmentVariable("KUM_TEST_LOG") is null)
                {
                    builder.Logging.ClearProviders();
                }
            },
            new Dictionary<string, string?>
            {
                ["urls"] = address,
                ["Bus:Transport"] = "InMemory",
                ["Messaging:ConnectionString"] = ConnectionString,
                ["Agent:Datacenter"] = "t1",
                ["Agent:StateDirectory"] = _state,
                ["Agent:BeatInterval"] = "00:00:00.5",
                ["Upgrades:Lease"] = "00:00:20",
                ["Upgrades:RetryDelay"] = "00:00:00.2",
            });
        await _app.StartAsync();
        Http = new HttpClient { BaseAddress = new Uri(address) };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(_state, recursive: true);
    }

    public async Task<Guid> StartAsync(string spec, string? requestId = null)
    {
        using var response = await PostStartAsync(spec, requestId ?? Guid.NewGuid().ToString());
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var accepted = await response.Content.ReadFromJsonAsync<Contracts.Upgrades.UpgradeAccepted>(Json);
        return accepted!.UpgradeId;
    }

    public Task<HttpResponseMessage> PostStartAsync(string spec, string? requestId) => Http.PostAsJsonAsync(
        "/api/v1/upgrades", new { requestId, requestedBy = "test", spec = JsonElement.Parse(spec) }, Json);

    public Task<HttpResponseMessage> OperateAsync(Guid upgradeId, string verb, string reason = "because", params string[] overrides) =>
        Http.PostAsJsonAsync($"/api/v1/upgrades/{upgradeId}/{verb}", new OperatorRequest { Actor = "tester", Reason = reason, Overrides = overrides }, Json);

    public Task<UpgradeView> ReadAsync(Guid upgradeId) => Eventually.ReachesAsync(
        $"upgrade {upgradeId}",
        async () =>
        {
            using var response = await Http.GetAsync($"/api/v1/upgrades/{upgradeId}");
            return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<UpgradeView>(Json) : null;
        },
        view => view is not null)!;

    public Task<UpgradeView> ReachesAsync(Guid upgradeId, string state, TimeSpan? deadline = null) =>
        Eventually.ReachesAsync($"upgrade {upgradeId} in {state}", () => ReadAsync(upgradeId), view => view.State == state, deadline);

    public async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(Guid upgradeId) =>
        await Http.GetFromJsonAsync<List<TimelineEntry>>($"/api/v1/upgrades/{upgradeId}/timeline", Json) ?? [];
}
