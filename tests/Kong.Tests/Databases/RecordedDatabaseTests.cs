using System.Diagnostics;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Journal;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>The fence on databases that real Kongs made.</summary>
public sealed class RecordedDatabaseTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("2.8.5/dumps/kong-2.8.5-populated.dump", 20)]
    [InlineData("3.4.2/dumps/kong-3.4.2-after-finish.dump", 23)]
    public async Task Refuses_a_write_to_every_configuration_table_and_to_no_other(string dump, int configuration)
    {
        var spec = await RestoreAsync(dump);
        await using var connection = await new KongDatabase(spec, static s => s).OpenAdminAsync(CancellationToken.None);
        var tables = await KongTables.ClassifyAsync(connection, "public", CancellationToken.None);
        Assert.Empty(tables.Unknown);
        Assert.Equal(configuration, tables.Configuration.Count);

        var fence = new WriteFence(FenceOptions.Of(Guid.NewGuid(), spec, new FreezeSpec()), TimeProvider.System);
        await fence.InstallAsync(connection, CancellationToken.None);
        foreach (var table in tables.Configuration)
        {
            var refusal = await Assert.ThrowsAsync<PostgresException>(() => SmallKong.RunAsync(connection, $"TRUNCATE \"{table}\" CASCADE"));
            Assert.Equal(WriteFence.SqlState, refusal.SqlState);
        }

        Assert.Equal(tables.Configuration.Count, (await fence.RequireAsync(connection, CancellationToken.None)).RefusedWrites);
        foreach (var table in tables.Runtime)
        {
            await SmallKong.RunAsync(connection, $"TRUNCATE \"{table}\"");
        }

        await SmallKong.RunAsync(connection, """
            INSERT INTO oauth2_tokens (id, credential_id, access_token, ws_id) SELECT gen_random_uuid(), id, 'issued', ws_id FROM oauth2_credentials;
            DELETE FROM keyauth_credentials WHERE ttl < CURRENT_TIMESTAMP AT TIME ZONE 'UTC';
            """);
        Assert.True((await fence.LiftAsync(connection, CancellationToken.None)).Found);
        await SmallKong.RunAsync(connection, "UPDATE services SET host = 'free'");
    }

    [Theory]
    [InlineData("2.8.5/dumps/kong-2.8.5-populated.dump", 18)]
    [InlineData("3.4.2/dumps/kong-3.4.2-after-finish.dump", 21)]
    public async Task Records_a_write_to_every_configuration_table_and_to_no_other(string dump, int watched)
    {
        var spec = await RestoreAsync(dump);
        await using var connection = await new KongDatabase(spec, static s => s).OpenAdminAsync(CancellationToken.None);
        var options = new JournalOptions { UpgradeId = Guid.NewGuid(), EndsAt = TimeProvider.System.GetUtcNow().AddHours(1) };
        await new WriteJournal(options, TimeProvider.System).InstallAsync(connection, CancellationToken.None);
        var tables = await KongTables.ClassifyAsync(connection, "public", CancellationToken.None);
        foreach (var table in tables.Configuration.Concat(tables.Runtime).Except(["tags", "schema_meta"]))
        {
            await SmallKong.RunAsync(connection, $"BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM \"{table}\"; COMMIT");
        }

        var journal = (await WriteJournal.ReadAsync(connection, "public", CancellationToken.None))!;
        Assert.Equal((watched, 0L), (journal.TablesWatched, journal.Failures));
        Assert.Empty(journal.TablesMissing);
        Assert.Superset(new HashSet<string> { "services", "routes", "plugins", "consumers", "keyauth_credentials", "snis" }, journal.Writes.Select(static w => w.Table).ToHashSet());
        Assert.DoesNotContain(journal.Writes, w => tables.Runtime.Contains(w.Table));
        Assert.All(journal.Writes, static w => Assert.NotNull(w.Key));
    }

    private async Task<DatabaseSpec> RestoreAsync(string dump)
    {
        Assert.SkipUnless(RequiredServer.RecordedKong is not null, RequiredServer.NoRecordings);
        var server = await postgres.ServerAsync();
        var name = $"real_{Guid.NewGuid():N}"[..20];
        await server.CreateDatabaseAsync(name);
        var program = await PostgresPrograms.FindAsync("pg_restore", 1, VersionAsync, CancellationToken.None);
        var (code, output) = await RunAsync(
            program,
            ["-h", "127.0.0.1", "-p", server.Port.ToString(), "-U", PostgresServer.User, "-d", name, "--no-owner", "--exit-on-error", Path.Combine(RequiredServer.RecordedKong!, dump)]);
        Assert.True(code == 0, output);
        return new DatabaseSpec { Host = "127.0.0.1", Port = server.Port, Name = name, User = PostgresServer.User };
    }

    private static async Task<string?> VersionAsync(string path, CancellationToken cancellationToken) => (await RunAsync(path, ["--version"])).Output;

    private static async Task<(int Code, string Output)> RunAsync(string file, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
