using System.Data;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>Fingerprints of databases that real Kongs made.</summary>
public sealed class RecordedFingerprintTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("2.8.5", 15)]
    [InlineData("3.4.2", 15)]
    public async Task Finds_one_changed_byte_in_every_configuration_table_and_nothing_in_a_rewritten_one(string version, int changeable)
    {
        var kong = await postgres.RecordedAsync(version);
        var database = new KongDatabase(kong.Spec, static s => s);
        await using var x = await database.OpenAsync(CancellationToken.None);
        await using var snapshot = await x.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var before = await ConfigurationFingerprinter.TakeAsync(snapshot, "public", FingerprintScope.Default.Complete, CancellationToken.None);

        await using var writer = await kong.OpenSuperuserAsync();
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
}
