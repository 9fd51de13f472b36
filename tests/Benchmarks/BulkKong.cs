using System.Diagnostics;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using Npgsql;

namespace KongUpgradeMesh.Benchmarks;

/// <summary>A private PostgreSQL with the database of a Kong 2.8.5 that has many consumers, each with a key.</summary>
internal sealed class BulkKong : IAsyncDisposable
{
    private const string DatabaseName = "kong_x";

    // What Kong's triggers would do row by row is done for all at once; the result is the same.
    private const string Fill = """
        SET session_replication_role = replica;
        INSERT INTO consumers (id, created_at, username, custom_id, tags, ws_id)
        SELECT md5('consumer' || n)::uuid, timestamptz '2024-01-01' + n * interval '1 second', 'consumer-' || n, 'crm-' || md5(n::text), CASE WHEN n % 10 = 0 THEN '{gold,eu}'::text[] END, w.id
        FROM generate_series(1, $1) n, workspaces w WHERE w.name = 'default';
        INSERT INTO keyauth_credentials (id, created_at, consumer_id, key, ttl, ws_id)
        SELECT md5('key' || c.username)::uuid, c.created_at, c.id, md5('secret' || c.username), NULL, c.ws_id FROM consumers c;
        INSERT INTO tags SELECT id, 'consumers', tags FROM consumers UNION ALL SELECT id, 'keyauth_credentials', tags FROM keyauth_credentials;
        """;

    private readonly PostgresServer _server;

    private BulkKong(PostgresServer server) => _server = server;

    /// <summary>Process id of the postmaster.</summary>
    public int ServerProcessId => _server.ProcessId;

    /// <summary>The database as the product opens it.</summary>
    public KongDatabase Database => new(
        new DatabaseSpec { Host = "127.0.0.1", Port = _server.Port, Name = DatabaseName, User = PostgresServer.User }, static secret => secret);

    /// <summary>Starts the server and fills the database.</summary>
    public static async Task<BulkKong> CreateAsync(int rows, CancellationToken cancellationToken)
    {
        var kong = new BulkKong(await PostgresServer.StartAsync(durable: true, cancellationToken: cancellationToken));
        try
        {
            await kong._server.CreateDatabaseAsync(DatabaseName, cancellationToken: cancellationToken);
            await RunProgramAsync(kong.Database.Spec, Path.Combine(Repository.Root, "lab", "bin", "kong-2.8.5"), ["migrations", "bootstrap"], cancellationToken);
            await kong.ExecuteAsync(Fill.Replace("$1", rows.ToString(), StringComparison.Ordinal), cancellationToken);
            await kong.ExecuteAsync("VACUUM ANALYZE", cancellationToken);
            return kong;
        }
        catch
        {
            await kong.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a statement in a session of its own.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await Database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Dumps the database with PostgreSQL's own program into a directory that is deleted afterwards; returns the number of bytes.</summary>
    public async Task<long> DumpAsync(int jobs, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("kum-benchmark-");
        try
        {
            await RunToolAsync("pg_dump", ["--format=directory", $"--jobs={jobs}", $"--file={Path.Combine(directory.FullName, "dump")}"], cancellationToken);
            return directory.EnumerateFiles("*", SearchOption.AllDirectories).Sum(static f => f.Length);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Runs one of PostgreSQL's client programs against the database.</summary>
    public Task RunToolAsync(string program, string[] arguments, CancellationToken cancellationToken) => RunToolAsync(Database.Spec, program, arguments, cancellationToken);

    /// <summary>Runs one of PostgreSQL's client programs against a database.</summary>
    public static async Task RunToolAsync(DatabaseSpec database, string program, string[] arguments, CancellationToken cancellationToken)
    {
        var file = await PostgresPrograms.FindAsync(program, 1, async (path, token) => await RunProgramAsync(database, path, ["--version"], token), cancellationToken);
        await RunProgramAsync(database, file, arguments, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<string> RunProgramAsync(DatabaseSpec database, string file, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var forKong = new Dictionary<string, string?>
        {
            ["KONG_PG_HOST"] = "127.0.0.1",
            ["KONG_PG_PORT"] = database.Port.ToString(),
            ["KONG_PG_USER"] = PostgresServer.User,
            ["KONG_PG_DATABASE"] = DatabaseName,
        };
        foreach (var (name, value) in new KongDatabase(database, static secret => secret).ProcessEnvironment().Concat(forKong))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} could not be started");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{file} ended with {process.ExitCode}: {await error}{await output}");
        }

        return await output;
    }
}
