using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using Npgsql;

namespace KongUpgradeMesh.Cli.Tests;

/// <summary>A PostgreSQL server with the databases of clusters X and Y, each with a few of Kong's tables, and the spec that leads there.</summary>
internal sealed class FencedDatabases : IAsyncDisposable
{
    public static readonly Guid Upgrade = Guid.Parse("5a0f3f9e-0000-4000-8000-00000000000c");
    private readonly PostgresServer _server;
    private readonly string _directory = Directory.CreateTempSubdirectory("kum-fence-").FullName;

    private FencedDatabases(PostgresServer server) => _server = server;

    /// <summary>Path of the spec; <see cref="WriteSpecAsync"/> can make it lead elsewhere.</summary>
    public string Spec => Path.Combine(_directory, "spec.json");

    public static async Task<FencedDatabases> StartAsync(bool withY = true)
    {
        var databases = new FencedDatabases(await PostgresServer.StartAsync());
        foreach (var name in withY ? new[] { "kong_x", "kong_y" } : ["kong_x"])
        {
            await databases._server.CreateDatabaseAsync(name);
            await databases.RunAsync(name, "CREATE TABLE services (id int, host text); CREATE TABLE routes (id int); CREATE TABLE locks (key text); INSERT INTO services VALUES (1, 'a')");
        }

        await databases.WriteSpecAsync();
        return databases;
    }

    public Task WriteSpecAsync(string hostOfY = "127.0.0.1", string databaseOfY = "kong_y", int? portOfX = null) => File.WriteAllTextAsync(Spec, SpecText.For("payments")
        .Replace("\"name\": \"kong_x\"", $"\"name\": \"kong_x\", \"port\": {portOfX ?? _server.Port}", StringComparison.Ordinal)
        .Replace("\"host\": \"127.0.0.1\", \"name\": \"kong_y\"", $"\"host\": \"{hostOfY}\", \"name\": \"{databaseOfY}\", \"port\": {_server.Port}", StringComparison.Ordinal));

    public async Task FreezeAsync(ClusterSide side)
    {
        var spec = new DatabaseSpec { Host = "127.0.0.1", Port = _server.Port, Name = NameOf(side), User = PostgresServer.User };
        await using var connection = await new KongDatabase(spec, static s => s).OpenAdminAsync(CancellationToken.None);
        await new WriteFence(FenceOptions.Of(Upgrade, spec, new FreezeSpec()), TimeProvider.System).InstallAsync(connection, CancellationToken.None);
    }

    /// <summary>Whether a write of configuration is let through.</summary>
    public async Task<bool> TryWriteAsync(ClusterSide side, string application = "psql")
    {
        try
        {
            await RunAsync(NameOf(side), "UPDATE services SET host = 'b'", application);
            return true;
        }
        catch (PostgresException refusal) when (refusal.SqlState == WriteFence.SqlState)
        {
            return false;
        }
    }

    public Task RunAsync(ClusterSide side, string sql) => RunAsync(NameOf(side), sql);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static string NameOf(ClusterSide side) => side == ClusterSide.X ? "kong_x" : "kong_y";

    private async Task RunAsync(string database, string sql, string application = "psql")
    {
        await using var connection = new NpgsqlConnection($"{_server.ConnectionString(database)};Pooling=false;Application Name={application}");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
