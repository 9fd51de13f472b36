using System.Net.Http.Json;
using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Demo.Freeze;
using KongUpgradeMesh.Lab.Demo.Mesh;
using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.Lab.Load;
using KongUpgradeMesh.TestKit;
using Npgsql;

namespace KongUpgradeMesh.System.Tests.Recorded;

/// <summary>A real 2.8.5 configuration goes the whole way to 3.4.2, while every kind of writer tries what it likes.</summary>
[Collection("mesh of processes")]
public sealed class RecordedDumpTests(ITestOutputHelper output)
{
    private const string FenceObjects = "SELECT count(*) FROM pg_namespace WHERE nspname = 'kum_fence'";
    private static readonly LabPacing Pacing = new()
    {
        Steps = [10, 100], MinimumRequests = 5, Dwell = TimeSpan.FromSeconds(4), Soak = TimeSpan.FromSeconds(3), AfterWatch = TimeSpan.FromSeconds(3), DecideWithin = TimeSpan.FromMinutes(2),
    };

    [Fact]
    public async Task A_recorded_cluster_is_blocked_by_a_breaking_change_and_completes_once_that_is_overridden()
    {
        Assert.SkipUnless(RequiredServer.RecordedKong is not null, RequiredServer.NoRecordings);
        var dump = Path.Combine(RequiredServer.RecordedKong!, "2.8.5", "dumps", "kong-2.8.5-populated.dump");
        await using var cluster = await RecordedCluster.StartAsync(dump, Pacing);
        await using var mesh = await MeshInProcess.StartAsync(
            await cluster.Postgres.CreateDatabaseAsync("kum"), "eu1", Path.Combine(cluster.Directory, "state"), Path.Combine(cluster.Directory, "mesh.log"), CancellationToken.None);
        using var client = new UpgradesClient(mesh.Address);
        await Eventually.HoldsAsync("four agents", () => FourAgentsAsync(client), TimeSpan.FromMinutes(2));
        await using var load = new LoadGenerator(Load(cluster.Balancer.Address), TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var sending = load.RunAsync(null, stop.Token);

        var blocked = await EndAsync(client, await StartAsync(client, cluster.Spec));
        Assert.Equal(FailureCodes.BreakingChangeBlocks, blocked.Failure?.Code);
        Assert.Equal(UpgradeOutcome.Failed, blocked.Outcome);
        Assert.Equal(0, await LabDatabase.CountAsync(cluster.Spec.From.Database, FenceObjects, CancellationToken.None));

        var upgrade = await StartAsync(client, cluster.Spec with
        {
            Override = new OverrideSpec { Reason = "no client asks for the v1 routes", Blockers = true },
            Gates = [new GateSpec { Before = "Shift" }], // However long the writers take, X is frozen meanwhile.
        });
        await Eventually.HoldsAsync("a frozen X", async () => (await TimelineAsync(client, upgrade)).Any(e => e.Kind == "gate-waiting"), TimeSpan.FromMinutes(3));
        var refused = await TryEveryWriterAsync(cluster);
        var opened = await client.CallAsync(
            api => api.OperateAsync(upgrade, "approve", new OperatorRequest { Actor = "system-test", Reason = "every writer was refused" }, CancellationToken.None), CancellationToken.None);
        Assert.True(opened.Accepted);
        var view = await EndAsync(client, upgrade);
        var timeline = await TimelineAsync(client, upgrade);
        await stop.CancelAsync();
        var report = await sending;
        output.WriteLine($"{view.Outcome}, {report.Total} requests ({report.RequestsY} by Y), {report.Failed} failed\n{string.Join('\n', timeline.Select(e => $"{e.At:HH:mm:ss} {e.Phase} {e.Kind} {e.Message}"))}");

        Assert.Equal(UpgradeOutcome.Completed, view.Outcome);
        Assert.True(report.Failed == 0, string.Join('\n', report.Failures));
        Assert.True(report.RequestsY > 0);
        Assert.Empty(report.MovedBack);
        Assert.True(timeline[^1].Data.GetProperty("refusedWrites").GetInt64() >= refused, $"{refused} refused writes; {timeline[^1].Data}");
        await AssertEndStateAsync(cluster);
    }

    private static LoadOptions Load(Uri balancer) => new()
    {
        Target = balancer,
        Clients = [.. Enumerable.Range(0, 60).Select(i => new LoadClient($"c{i}", new Dictionary<string, string> { ["X-Client-Id"] = $"c{i}" }))],
        Requests = [new() { Path = "/api/notifications" }, new() { Path = "/api/shipping" }, new() { Path = "/v2/notifications/17" }, new() { Path = "/v2/shipping/blue-box/details" }, new() { Path = "/api/promotions" }],
        RatePerSecond = 20,
        RequestTimeout = TimeSpan.FromSeconds(30),
    };

    // Returns how many writes the fence refused.
    private static async Task<int> TryEveryWriterAsync(RecordedCluster cluster)
    {
        var database = cluster.Spec.From.Database;
        var counted = await CountersAsync(database);
        using var http = new HttpClient { BaseAddress = cluster.NodeX.Spec.Admin, Timeout = TimeSpan.FromMinutes(1) };
        using var patched = await http.PatchAsJsonAsync("services/cart-service", new { retries = 9 });
        Assert.False(patched.IsSuccessStatusCode, "the Admin API took a write");

        await using var connection = await LabDatabase.OpenAsync(database, CancellationToken.None);
        await using var direct = new NpgsqlCommand("UPDATE services SET retries = 9", connection);
        await Assert.ThrowsAsync<PostgresException>(() => direct.ExecuteNonQueryAsync());

        var file = Path.Combine(cluster.Directory, "import.yaml");
        await File.WriteAllTextAsync(file, 
            """
            _format_version: "2.1"
            services:
            - id: 0b6e7c52-8f4e-4e0e-9d59-5f3f9a5c0001
              name: late-service
              protocol: http
              host: 127.0.0.1
              port: 17191
            """);
        var imported = await cluster.KongXAsync("config", "db_import", file, "-c", cluster.Spec.From.Deployment.Conf!);
        Assert.False(imported.Succeeded, "kong config db_import was taken");
        Assert.Equal(0, await LabDatabase.CountAsync(database, "SELECT count(*) FROM services WHERE retries = 9 OR name = 'late-service'", CancellationToken.None));

        await using var token = new NpgsqlCommand(
            "INSERT INTO oauth2_tokens (id, credential_id, access_token, token_type, expires_in, ws_id) SELECT gen_random_uuid(), id, 'frozen-token', 'bearer', 7200, ws_id FROM oauth2_credentials LIMIT 1", connection);
        Assert.Equal(1, await token.ExecuteNonQueryAsync());
        await Eventually.HoldsAsync("counters that go on", async () => await CountersAsync(database) > counted);
        return 3;
    }

    private static Task<long> CountersAsync(DatabaseSpec database) =>
        LabDatabase.CountAsync(database, "SELECT coalesce(sum(value), 0) FROM ratelimiting_metrics", CancellationToken.None);

    private static async Task AssertEndStateAsync(RecordedCluster cluster)
    {
        var (x, y) = (cluster.Spec.From.Database, cluster.Spec.To.Database);
        Assert.Equal(0, await LabDatabase.CountAsync(x, FenceObjects, CancellationToken.None));
        Assert.Equal(0, await LabDatabase.CountAsync(y, FenceObjects, CancellationToken.None));
        Assert.True(await LabDatabase.CountAsync(y, "SELECT count(*) FROM routes WHERE EXISTS (SELECT FROM unnest(paths) p WHERE p LIKE '~%')", CancellationToken.None) >= 24);
        Assert.Equal(0, await LabDatabase.CountAsync(y, "SELECT count(*) FROM schema_meta WHERE cardinality(pending) > 0", CancellationToken.None));
        Assert.Null(cluster.NodeX.ProcessId);
    }

    private static async Task<bool> FourAgentsAsync(UpgradesClient client)
    {
        try
        {
            return (await client.CallAsync(api => api.AgentsAsync(CancellationToken.None), CancellationToken.None)).Count(a => a.Alive) == 4;
        }
        catch (ApiProblemException)
        {
            return false;
        }
    }

    private static async Task<Guid> StartAsync(UpgradesClient client, UpgradeSpec spec)
    {
        var request = new StartUpgradeRequest { RequestId = $"{Guid.NewGuid():N}", RequestedBy = "system-test", Spec = SpecFile.ToJson(spec) };
        return (await client.CallAsync(api => api.StartAsync(request, CancellationToken.None), CancellationToken.None)).UpgradeId;
    }

    private static async Task<UpgradeView> EndAsync(UpgradesClient client, Guid upgrade)
    {
        await Eventually.ReachesAsync(
            "the end", async () => string.Join('\n', (await TimelineAsync(client, upgrade)).TakeLast(6).Select(e => $"{e.Phase} {e.Kind} {e.Message}")), t => t.Split('\n')[^1].Split(' ') is [_, "ended" or "paused", ..], TimeSpan.FromMinutes(5));
        return await client.CallAsync(api => api.GetAsync(upgrade, CancellationToken.None), CancellationToken.None);
    }

    // Accepted means kept; the upgrade itself can be asked for a moment later.
    private static async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(UpgradesClient client, Guid upgrade)
    {
        try
        {
            return await client.TimelineAsync(upgrade, 0, CancellationToken.None);
        }
        catch (ApiProblemException unknown) when (unknown.Problem.Failure.Code == FailureCodes.UpgradeNotFound)
        {
            return [];
        }
    }
}
