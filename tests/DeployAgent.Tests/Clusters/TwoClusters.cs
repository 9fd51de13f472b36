using System.Net.Http.Json;
using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.DeployAgent.Migrating;
using KongUpgradeMesh.DeployAgent.Starting;
using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Tests.Clusters;

/// <summary>A running cluster X (2.8.5) with a little configuration on a real PostgreSQL, and room for a cluster Y (3.4.2).</summary>
internal sealed class TwoClusters : IAsyncDisposable
{
    public const string Key = "alices-key-0123456789";
    public const string JwtSecret = "alices-jwt-secret-0123456789";

    private readonly string _directory = Path.Combine(Path.GetTempPath(), "kum-deploy-" + Guid.NewGuid().ToString("N")[..8]);
    private readonly HttpClient _http = new();
    private readonly ProgramRunner _programs = new(TimeProvider.System);
    private PostgresServer? _postgres;
    private EchoUpstream? _upstream;
    private WebApplication? _agent;

    public Guid UpgradeId { get; } = Guid.NewGuid();

    public PostgresServer Postgres => _postgres!;

    public UpgradeSpec Spec { get; set; } = null!;

    public RecordingPublisher Published { get; } = new();

    public static string Executable(string version) => Path.Combine(Repository.Root, "lab", "bin", "kong-" + version);

    public static async Task<TwoClusters> StartAsync(CancellationToken cancellationToken, bool withX = true)
    {
        var assembly = Directory.Exists(Path.Combine(Repository.Root, "artifacts", "bin", "StandInKong"));
        Assert.SkipUnless(assembly || RequiredServer.OnCi, "the stand-in for Kong is not built; run: dotnet build lab/Kong");
        var clusters = new TwoClusters();
        try
        {
            await clusters.PrepareAsync(withX, cancellationToken);
            return clusters;
        }
        catch
        {
            await clusters.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs one step that must end well; a failure is shown with its details.</summary>
    public async Task<IStepEvent> RunAsync<TCommand>(TCommand command, CancellationToken cancellationToken)
        where TCommand : class, IStepCommand
    {
        try
        {
            return await HandleAsync(command, cancellationToken);
        }
        catch (StepFailedException exception)
        {
            throw new InvalidOperationException(string.Join('\n', exception.Failure.Details.Prepend(exception.Message)), exception);
        }
    }

    /// <summary>Runs one step that must fail.</summary>
    public async Task<Failure> FailAsync<TCommand>(TCommand command, CancellationToken cancellationToken)
        where TCommand : class, IStepCommand =>
        (await Assert.ThrowsAsync<StepFailedException>(() => HandleAsync(command, cancellationToken))).Failure;

    private async Task<IStepEvent> HandleAsync<TCommand>(TCommand command, CancellationToken cancellationToken)
        where TCommand : class, IStepCommand
    {
        await using var scope = _agent!.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IStepHandler<TCommand>>()
            .RunAsync(new StepContext<TCommand>(command, "deploy@test", Published), cancellationToken);
    }

    public StepRef Step(string name) => new() { UpgradeId = UpgradeId, Cluster = Spec.Cluster, Lane = StepLanes.Main, Name = name, Epoch = 1, Sequence = 1, Attempt = 1 };

    public RunPreflight Preflight => new() { Step = Step("preflight"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec };

    public AssessUpgrade Assess => new() { Step = Step("assess"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec };

    public MigrateDatabase Migrate => new() { Step = Step("migrate"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec };

    public StartCluster Start => new() { Step = Step("start"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec };

    public RunStagingTests Stage => new() { Step = Step("stage"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec };

    public CarryRuntimeState Carry => new() { Step = Step("carry"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec };

    public DecommissionCluster Decommission(ClusterSide side) => new() { Step = Step("decommission"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec, Side = side };

    public RestoreDatabase Restore(StoredBackup backup) => new()
    {
        Step = Step("restore"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec,
        BackupLocation = backup.Location, ManifestDigest = backup.ManifestDigest, Expected = backup.Manifest.Fingerprint,
    };

    /// <summary>Freezes cluster X and dumps it in the layout that the backup agent writes.</summary>
    public async Task<StoredBackup> BackUpAsync(CancellationToken cancellationToken)
    {
        var database = new KongDatabase(Spec.From.Database, static s => s);
        await using var connection = await database.OpenAdminAsync(cancellationToken);
        await new WriteFence(FenceOptions.Of(UpgradeId, Spec.From.Database, Spec.Freeze), TimeProvider.System).InstallAsync(connection, cancellationToken);
        var location = Path.Combine(Spec.Backup.Directory, "lab", Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(location);
        var dump = await _programs.RunAsync(
            new ProgramCall { File = "pg_dump", Arguments = ["-Fd", "-f", Path.Combine(location, BackupLayout.Dump)], Environment = database.ProcessEnvironment() },
            cancellationToken);
        Assert.True(dump.Succeeded, dump.Error);
        var list = await _programs.RunAsync(
            new ProgramCall { File = "pg_restore", Arguments = ["-l", Path.Combine(location, BackupLayout.Dump)] }, cancellationToken);
        await File.WriteAllLinesAsync(Path.Combine(location, BackupLayout.RestoreList), FenceFreeList.Of(list.Output.Split('\n')), cancellationToken);
        var fingerprints = await ConfigurationFingerprinter.TakePairAsync(connection, "public", FingerprintScope.Of(Spec.Freeze), cancellationToken);
        var manifest = new BackupManifest
        {
            Format = BackupManifest.CurrentFormat, BackupId = "b1", UpgradeId = UpgradeId, Cluster = Spec.Cluster, TakenAt = TimeProvider.System.GetUtcNow(),
            KongVersion = "2.8.5", ServerVersion = "15", DumpProgram = "pg_dump (PostgreSQL) 15.0", DatabaseIdentity = "", Schema = "public",
            Fingerprint = fingerprints.Lasting,
            CompleteFingerprint = fingerprints.Complete,
            Migrations = [], TablesWithoutRows = [], RestoreTested = false, Files = await BackupCatalog.DigestAsync(location, cancellationToken),
        };
        await File.WriteAllBytesAsync(Path.Combine(location, BackupLayout.Manifest), manifest.ToBytes(), cancellationToken);
        return await BackupCatalog.OpenAsync(location, null, cancellationToken);
    }

    public async Task<T> AskAsync<T>(string database, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(Postgres.ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<JsonElement> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(Spec.From.Nodes[0].Admin, path), body, cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"POST {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    public Task<string> GetAsync(Uri address, CancellationToken cancellationToken) => _http.GetStringAsync(address, cancellationToken);

    public int ProcessOfY => NodeProcess.Find(Spec.To.Nodes[0].Prefix) ?? throw new InvalidOperationException("cluster Y does not run");

    /// <summary>The migrations of cluster Y, as the agent runs them.</summary>
    public Task<KongMigrations> MigrationsOfYAsync(CancellationToken cancellationToken) => KongMigrations.PrepareAsync(Spec, _programs, _directory, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Spec is not null)
        {
            foreach (var (cluster, node) in Spec.From.Nodes.Select(n => (Spec.From, n)).Concat(Spec.To.Nodes.Select(n => (Spec.To, n))).Where(static c => Directory.Exists(c.n.Prefix)))
            {
                var running = NodeProcess.Find(node.Prefix);
                await _programs.RunAsync(new ProgramCall { File = cluster.Deployment.Executable, Arguments = ["stop", "-p", node.Prefix] }, CancellationToken.None);

                // Kong 3 answers before its node has ended, and until then the node writes into its prefix.
                await Eventually.HoldsAsync($"the end of {node.Name}", () => Task.FromResult(running is not { } id || !NodeProcess.IsAlive(id)));
            }
        }

        await (_agent?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_upstream?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
        _http.Dispose();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private async Task PrepareAsync(bool withX, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_directory);
        _postgres = await PostgresServer.StartAsync(cancellationToken: cancellationToken);
        await _postgres.CreateDatabaseAsync("kong_x", cancellationToken: cancellationToken);
        await AskAsync<int>("postgres", "CREATE ROLE kong_y LOGIN; SELECT 1", cancellationToken);
        var ports = LoopbackPorts.Take(6);
        Spec = new UpgradeSpec
        {
            Cluster = "lab",
            Datacenter = "eu1",
            From = Cluster("2.8.5", "kong_x", "kong", ports[..3], "x"),
            To = Cluster("3.4.2", "kong_y", "kong_y", ports[3..], "y"),
            Backup = new BackupSpec { Directory = Path.Combine(_directory, "backups"), Jobs = 2 },
            Traffic = new TrafficSpec { Driver = "none", Settings = new Dictionary<string, string>() },
        };
        _agent = MeshApplication.Build(
            ["--Agent:Datacenter", "eu1", "--Agent:StateDirectory", Path.Combine(_directory, "state"), "--Bus:Transport", "InMemory", "--Deploy:StopTimeout", "00:00:03"],
            [new DeployAgentModule()],
            static builder => builder.Logging.ClearProviders());
        if (withX)
        {
            _upstream = await EchoUpstream.StartAsync();
            await KongAsync(["migrations", "bootstrap"], cancellationToken);
            await KongAsync(["start", "-p", Spec.From.Nodes[0].Prefix], cancellationToken);
            await Eventually.HoldsAsync("cluster X answers", async () => await ServerProcess.AcceptsAsync(ports[1], cancellationToken), cancellationToken: cancellationToken);
            await ConfigureAsync(cancellationToken);
        }
    }

    private ClusterSpec Cluster(string version, string database, string user, int[] ports, string name) => new()
    {
        Version = version,
        Database = new DatabaseSpec { Host = "127.0.0.1", Port = Postgres.Port, Name = database, User = user, AdminUser = "kong" },
        Deployment = new DeploymentSpec { Executable = Executable(version), ReadyTimeout = TimeSpan.FromMinutes(3) },
        Nodes =
        [
            new NodeSpec
            {
                Name = name + "1",
                Prefix = Path.Combine(_directory, name + "1"),
                Proxy = new Uri($"http://127.0.0.1:{ports[0]}"),
                Admin = new Uri($"http://127.0.0.1:{ports[1]}"),
                Status = new Uri($"http://127.0.0.1:{ports[2]}"),
            },
        ],
    };

    private async Task KongAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var node = Spec.From.Nodes[0];
        var result = await _programs.RunAsync(
            new ProgramCall
            {
                File = Spec.From.Deployment.Executable,
                Arguments = arguments,
                Environment = new Dictionary<string, string?>
                {
                    ["KONG_PG_HOST"] = "127.0.0.1", ["KONG_PG_PORT"] = Postgres.Port.ToString(), ["KONG_PG_USER"] = "kong", ["KONG_PG_DATABASE"] = "kong_x",
                    ["KONG_PREFIX"] = node.Prefix, ["KONG_PROXY_LISTEN"] = node.Proxy.Authority, ["KONG_ADMIN_LISTEN"] = node.Admin.Authority, ["KONG_STATUS_LISTEN"] = node.Status!.Authority,
                },
            },
            cancellationToken);
        Assert.True(result.Succeeded, result.Output + result.Error);
    }

    private async Task ConfigureAsync(CancellationToken cancellationToken)
    {
        await PostAsync("/plugins", new { name = "prometheus" }, cancellationToken);
        await PostAsync("/services", new { name = "orders", url = $"http://127.0.0.1:{_upstream!.Port}/orders" }, cancellationToken);
        await PostAsync("/services", new { name = "open", url = $"http://127.0.0.1:{_upstream.Port}" }, cancellationToken);
        await PostAsync("/services/orders/routes", new { name = "orders", paths = new[] { "/api/orders" } }, cancellationToken);
        await PostAsync("/services/open/routes", new { name = "open", paths = new[] { "/open", @"/v2/open/\d+$" }, methods = new[] { "GET", "POST" } }, cancellationToken);
        await PostAsync("/services/open/routes", new { name = "write", paths = new[] { "/write" }, methods = new[] { "POST" } }, cancellationToken);
        await PostAsync("/services/open/routes", new { name = "token", paths = new[] { "/token" } }, cancellationToken);
        await PostAsync("/services/orders/plugins", new { name = "key-auth" }, cancellationToken);
        await PostAsync("/routes/token/plugins", new { name = "jwt", config = new { claims_to_verify = new[] { "exp" } } }, cancellationToken);
        await PostAsync("/services/open/plugins", new { name = "rate-limiting", config = new { minute = 10000, policy = "cluster" } }, cancellationToken);
        await PostAsync("/consumers", new { username = "alice" }, cancellationToken);
        await PostAsync("/consumers/alice/key-auth", new { key = Key }, cancellationToken);
        await PostAsync("/consumers/alice/jwt", new { key = "alice", secret = JwtSecret, algorithm = "HS256" }, cancellationToken);
        await Eventually.HoldsAsync("cluster X routes", async () =>
        {
            using var answer = await _http.GetAsync(new Uri(Spec.From.Nodes[0].Proxy, "/open"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }, cancellationToken: cancellationToken);
    }
}
