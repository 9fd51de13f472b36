using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Lab.Tests.Running;

[assembly: AssemblyFixture(typeof(LabFixture))]

namespace KongUpgradeMesh.Lab.Tests.Running;

/// <summary>One PostgreSQL server for all tests of this assembly.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    private int _databases;

    public PostgresServer Postgres { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Postgres = await PostgresServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Postgres.DisposeAsync();

    /// <summary>An empty database under a name of its own.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = "lab_" + Interlocked.Increment(ref _databases);
        await Postgres.CreateDatabaseAsync(name, cancellationToken: TestContext.Current.CancellationToken);
        return name;
    }

    /// <summary>A database with the recorded content of a real 2.8.5; skips the test where the recordings are missing.</summary>
    public async Task<string> RestoreRecordedAsync()
    {
        var dump = Path.Combine(Recordings.Folder(), "2.8.5/dumps/kong-2.8.5-populated.sql");
        var name = await CreateDatabaseAsync();
        var psql = await CommandResult.RunAsync(Program("psql"),
            ["-h", "127.0.0.1", "-p", Postgres.Port.ToString(), "-U", PostgresServer.User, "-d", name, "-q", "-v", "ON_ERROR_STOP=1", "-f", dump]);
        Assert.True(psql.ExitCode == 0, psql.Error);
        return name;
    }

    /// <summary>What <c>pg_dump</c> says of a database.</summary>
    public async Task<string> DumpAsync(string database, params string[] options)
    {
        var dump = await CommandResult.RunAsync(Program("pg_dump"),
            ["-h", "127.0.0.1", "-p", Postgres.Port.ToString(), "-U", PostgresServer.User, .. options, database]);
        Assert.True(dump.ExitCode == 0, dump.Error);
        return dump.Output;
    }

    // The server programs may be linked into a folder without the client programs; those are on the PATH then.
    private static string Program(string name)
    {
        var beside = Path.Combine(PostgresServer.BinDirectory, name);
        return File.Exists(beside) ? beside : name;
    }

    public async Task ExecuteAsync(string database, string sql)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(Postgres.ConnectionString(database) + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async Task<object?> ScalarAsync(string database, string sql)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(Postgres.ConnectionString(database) + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
