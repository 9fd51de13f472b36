using System.Data;
using System.Diagnostics;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>Fence and fingerprints on databases that real Kongs made.</summary>
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
    [InlineData("2.8.5/dumps/kong-2.8.5-populated.dump", 15)]
    [InlineData("3.4.2/dumps/kong-3.4.2-after-finish.dump", 15)]
    public async Task Finds_one_changed_byte_in_every_configuration_table_and_nothing_in_a_rewritten_one(string dump, int changeable)
    {
        var database = new KongDatabase(await RestoreAsync(dump), static s => s);
        await using var x = await database.OpenAsync(CancellationToken.None);
        await using var snapshot = await x.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var before = await ConfigurationFingerprinter.TakeAsync(snapshot, "public", FingerprintScope.Default.Complete, CancellationToken.None);

        await using var writer = await database.OpenAsync(CancellationToken.None);
        var tables = (await KongTables.ClassifyAsync(writer, "public", CancellationToken.None)).Configuration;
        await SmallKong.RunAsync(writer, "SET session_replication_role = replica; SET TimeZone = 'Asia/Tokyo'; SET bytea_output = 'escape'; SET extra_float_digits = -3");
        await SmallKong.RunAsync(writer, string.Concat(tables.Select(static t => $"""
            CREATE TEMP TABLE moved AS SELECT * FROM "{t}" ORDER BY ctid DESC; DELETE FROM "{t}"; INSERT INTO "{t}" SELECT * FROM moved; DROP TABLE moved;
            """)));
        Assert.Equal(before.Root, (await ConfigurationFingerprinter.TakeAsync(writer, "public", FingerprintScope.Default.Complete, CancellationToken.None)).Root);

        var changed = await ChangeEveryTableAsync(writer);
        Assert.True(changed.Count >= changeable, string.Join(", ", changed.Keys));
        await using var later = await writer.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var after = await ConfigurationFingerprinter.TakeAsync(later, "public", FingerprintScope.Default.Complete, CancellationToken.None);
        Assert.Equal(changed.Keys, ConfigurationFingerprinter.Compare(before, after));
        foreach (var (table, (column, row)) in changed)
        {
            var difference = await RowComparison.CompareAsync(
                new ConfigurationSnapshot(snapshot, "public"), new ConfigurationSnapshot(later, "public"), table, FingerprintScope.Default.Complete, 10, CancellationToken.None);
            var found = Assert.Single(difference.Rows);
            Assert.Equal((RowChange.Changed, row), (found.Change, string.Join(',', found.Key)));
            Assert.Equal([column], found.Columns);
        }
    }

    // One byte more at the end of a text that is no part of the key, in one row of each table that has both.
    private static async Task<SortedDictionary<string, (string Column, string Key)>> ChangeEveryTableAsync(NpgsqlConnection connection)
    {
        const string changeable = """
            SELECT DISTINCT ON (c.relname) c.relname::text, a.attname::text,
                   (SELECT string_agg(quote_ident(k.attname) || '::text', ' || '','' || ' ORDER BY array_position(i.indkey::int2[], k.attnum)) FROM pg_attribute k WHERE k.attrelid = c.oid AND k.attnum = ANY (i.indkey))
            FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary JOIN pg_attribute a ON a.attrelid = c.oid AND a.atttypid = 'text'::regtype AND NOT a.attnum = ANY (i.indkey)
            WHERE c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum
            """;
        var columns = new List<(string Table, string Column, string Key)>();
        await using (var command = new NpgsqlCommand(changeable, connection))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                columns.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
            }
        }

        var changed = new SortedDictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var (table, column, key) in columns.Where(static c => KongTables.Configuration.Contains(c.Table)))
        {
            await using var command = new NpgsqlCommand(
                $"""UPDATE "{table}" SET "{column}" = coalesce("{column}", '') || 'x' WHERE ctid = (SELECT min(ctid) FROM "{table}") RETURNING {key}""", connection);
            if (await command.ExecuteScalarAsync() is string row)
            {
                changed[table] = (column, row);
            }
        }

        return changed;
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
