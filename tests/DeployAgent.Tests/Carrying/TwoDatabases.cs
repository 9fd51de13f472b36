using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.DeployAgent.Carrying;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.DeployAgent.Tests.Clusters;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Lab.Servers;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Tests.Carrying;

/// <summary>Cluster X's database, which the agent's role may only read, and cluster Y's as the restore leaves it: the same run-time rows, and the marks.</summary>
internal sealed class TwoDatabases
{
    public const string Reader = "kong_x_reader";
    public const string OwnerOfY = "kong_y_owner";
    public const string Workspace = "00000000-0000-0000-0000-0000000000aa";
    public const string Credential = "00000000-0000-0000-0000-0000000000cc";

    private const string Tables = $"""
        CREATE TABLE workspaces (id uuid PRIMARY KEY);
        CREATE TABLE oauth2_credentials (id uuid PRIMARY KEY, ws_id uuid REFERENCES workspaces (id), UNIQUE (id, ws_id));
        CREATE TABLE oauth2_tokens (
            id uuid PRIMARY KEY, created_at timestamptz DEFAULT (CURRENT_TIMESTAMP(0) AT TIME ZONE 'UTC'), credential_id uuid, access_token text, refresh_token text,
            expires_in integer, scope text, ttl timestamptz, ws_id uuid REFERENCES workspaces (id), UNIQUE (ws_id, access_token), UNIQUE (ws_id, refresh_token),
            FOREIGN KEY (credential_id, ws_id) REFERENCES oauth2_credentials (id, ws_id) ON DELETE CASCADE);
        CREATE TABLE ratelimiting_metrics (
            identifier text, period text, period_date timestamptz, service_id uuid DEFAULT '00000000-0000-0000-0000-000000000000', route_id uuid DEFAULT '00000000-0000-0000-0000-000000000000',
            value integer, ttl timestamptz, PRIMARY KEY (identifier, period, period_date, service_id, route_id));
        CREATE TABLE response_ratelimiting_metrics (
            identifier text, period text, period_date timestamptz, service_id uuid DEFAULT '00000000-0000-0000-0000-000000000000', route_id uuid DEFAULT '00000000-0000-0000-0000-000000000000',
            value integer, PRIMARY KEY (identifier, period, period_date, service_id, route_id));
        CREATE TABLE rl_counters (key text, namespace text, window_start integer, window_size integer, count integer, PRIMARY KEY (key, namespace, window_start, window_size));
        CREATE TABLE cluster_events (id uuid PRIMARY KEY, node_id uuid NOT NULL, at timestamptz NOT NULL, nbf timestamptz, expire_at timestamptz NOT NULL, channel text, data text);
        INSERT INTO workspaces VALUES ('{Workspace}');
        INSERT INTO oauth2_credentials VALUES ('{Credential}', '{Workspace}');
        """;

    private readonly PostgresServer _server;
    private readonly string _x;
    private readonly string _y;

    private TwoDatabases(PostgresServer server)
    {
        _server = server;
        var suffix = Guid.NewGuid().ToString("N")[..10];
        (_x, _y) = ("x_" + suffix, "y_" + suffix);
        Spec = new UpgradeSpec
        {
            Cluster = "lab",
            Datacenter = "eu1",
            From = Cluster("2.8.5", _x, Reader),
            To = Cluster("3.4.2", _y, OwnerOfY),
            Backup = new BackupSpec { Directory = "/nowhere" },
            Traffic = new TrafficSpec { Driver = "none", Settings = new Dictionary<string, string>() },
        };
    }

    public Guid UpgradeId { get; } = Guid.NewGuid();

    public UpgradeSpec Spec { get; set; }

    public KongDatabase Y => new(Spec.To.Database, static s => s);

    public RecordingPublisher Published { get; } = new();

    /// <summary>Both databases with the same tables, then <paramref name="rows"/> in both, then the marks.</summary>
    public static async Task<TwoDatabases> CreateAsync(PostgresServer server, string rows, string onlyX = "SELECT 1", string onlyY = "SELECT 1")
    {
        var databases = await EmptyAsync(server);
        await databases.OnXAsync(Tables + onlyX);
        await databases.OnYAsync(Tables + onlyY);
        await databases.OnXAsync(rows);
        await databases.OnYAsync(rows);
        await databases.MarkAsync();
        return databases;
    }

    /// <summary>Both databases without a table, cluster Y's stamped by its upgrade.</summary>
    public static async Task<TwoDatabases> EmptyAsync(PostgresServer server)
    {
        foreach (var role in new[] { Reader, OwnerOfY })
        {
            await RunAsync(server.ConnectionString(), $"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$");
        }

        var databases = new TwoDatabases(server);
        await server.CreateDatabaseAsync(databases._x);
        await databases.OnXAsync($"GRANT USAGE ON SCHEMA public TO {Reader}; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {Reader}");
        await new TargetDatabase(new ClusterDatabases(databases.Spec), databases.UpgradeId).RecreateAsync(CancellationToken.None);
        return databases;
    }

    public string NameOfX => _x;

    public string NameOfY => _y;

    public Task MarkAsync() => CarrySchema.BeginAsync(Y, CancellationToken.None);

    public async Task<RuntimeStateCarried> CarryAsync(TimeSpan? limit = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var command = new CarryRuntimeState
        {
            Step = new StepRef { UpgradeId = UpgradeId, Cluster = "lab", Lane = StepLanes.Main, Name = "carry-runtime-state", Epoch = 1, Sequence = 1, Attempt = 1 },
            Datacenter = "eu1", Timeout = timeout ?? TimeSpan.FromMinutes(10), Spec = Spec,
        };
        var handler = new CarryRuntimeStateHandler(Options.Create(new DeployOptions { CarryTimeout = limit ?? TimeSpan.FromMinutes(5) }), TimeProvider.System);
        return (RuntimeStateCarried)await handler.RunAsync(new StepContext<CarryRuntimeState>(command, "deploy@test", Published), cancellationToken);
    }

    /// <summary>A carry that must find nothing wrong.</summary>
    public async Task<CarriedTable> CarryCleanlyAsync(string table)
    {
        var carried = await CarryAsync();
        Assert.Empty(carried.Findings.Select(static f => $"{f.Code}: {f.Message} {string.Join("; ", f.Details)}"));
        return Assert.Single(carried.Tables, t => t.Table == table);
    }

    public async Task<Failure> FailAsync() => (await Assert.ThrowsAsync<StepFailedException>(() => CarryAsync())).Failure;

    public Task OnXAsync(string sql) => RunAsync(_server.ConnectionString(_x), sql);

    /// <summary>As the owner of cluster Y's tables, as its Kong does.</summary>
    public Task OnYAsync(string sql) => RunAsync($"{_server.ConnectionString(_y)};Username={OwnerOfY}", sql);

    public Task<T> AskXAsync<T>(string sql) => AskAsync<T>(_server.ConnectionString(_x), sql);

    public Task<T> AskYAsync<T>(string sql) => AskAsync<T>(_server.ConnectionString(_y), sql);

    public async Task<NpgsqlConnection> OpenYAsync()
    {
        var connection = new NpgsqlConnection(_server.ConnectionString(_y) + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    private ClusterSpec Cluster(string version, string database, string user) => new()
    {
        Version = version,
        Database = new DatabaseSpec { Host = "127.0.0.1", Port = _server.Port, Name = database, User = user, AdminUser = PostgresServer.User },
        Deployment = new DeploymentSpec { Executable = "/nowhere/kong" },
        Nodes = [],
    };

    private static async Task RunAsync(string target, string sql)
    {
        await using var connection = new NpgsqlConnection(target + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<T> AskAsync<T>(string target, string sql)
    {
        await using var connection = new NpgsqlConnection(target + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
