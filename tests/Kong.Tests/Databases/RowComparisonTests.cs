using System.Data;
using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

public sealed class RowComparisonTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Names_the_row_and_the_column_of_one_changed_byte_among_many_rows()
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync("INSERT INTO consumers SELECT md5('bulk' || n)::uuid, 'bulk-' || n FROM generate_series(1, 50000) n");
        var id = await kong.AskAsync<Guid>("SELECT id FROM consumers WHERE username = 'bulk-31415'");
        var difference = await AcrossAsync(kong, "UPDATE consumers SET username = overlay(username PLACING 'B' FROM 1 FOR 1) WHERE username = 'bulk-31415'", "consumers");
        Assert.Equal((0, 0, 1), (difference.Added, difference.Removed, difference.Changed));
        Assert.Equal(["id"], difference.KeyColumns);
        var row = Assert.Single(difference.Rows);
        Assert.Equal(RowChange.Changed, row.Change);
        Assert.Equal([id.ToString()], row.Key);
        Assert.Equal(["username"], row.Columns);
    }

    [Fact]
    public async Task Counts_all_differences_and_lists_the_first_in_key_order()
    {
        var kong = await postgres.KongAsync();
        const string change = """
            DELETE FROM services WHERE name IN ('service-1', 'service-2', 'service-3');
            INSERT INTO services (id, name) SELECT gen_random_uuid(), 'new-' || n FROM generate_series(1, 4) n;
            UPDATE services SET host = 'other', port = NULL WHERE name IN ('service-4', 'service-5');
            """;
        var all = await AcrossAsync(kong, change, "services");
        Assert.Equal((4, 3, 2), (all.Added, all.Removed, all.Changed));
        Assert.Equal(9, all.Rows.Count);
        Assert.Equal(all.Rows.Select(static r => r.Key[0]).Order(StringComparer.Ordinal), all.Rows.Select(static r => r.Key[0]));
        Assert.All(all.Rows, static row => Assert.Equal(row.Change == RowChange.Changed ? ["host", "port"] : [], row.Columns));

        var few = await AcrossAsync(kong, "DELETE FROM services WHERE name LIKE 'new-%'", "services", limit: 2);
        Assert.Equal((0, 4, 0, 2), (few.Added, few.Removed, few.Changed, few.Rows.Count));
        Assert.Empty((await AcrossAsync(kong, "DELETE FROM services", "services", limit: 0)).Rows);
    }

    [Fact]
    public async Task Compares_two_databases_and_finds_equal_ones_equal()
    {
        var x = await postgres.KongAsync();
        var y = await postgres.KongAsync();
        await using var before = await SnapshotAsync(x);
        await using var after = await SnapshotAsync(y);
        foreach (var table in new[] { "consumers", "plugins", "schema_meta", "tags", "oauth2_credentials" })
        {
            Assert.True((await CompareAsync(before, after, table)).IsEmpty, table);
        }

        // The times of creation differ.
        Assert.Equal((0, 0, 20), Counts(await CompareAsync(before, after, "services")));
    }

    [Fact]
    public async Task Names_rows_by_a_key_of_several_texts()
    {
        var kong = await postgres.KongAsync();
        var difference = await AcrossAsync(kong, "UPDATE schema_meta SET pending = '{015}' WHERE subsystem = 'acl'; INSERT INTO schema_meta VALUES ('schema_meta', 'é', 'x')", "schema_meta");
        Assert.Equal(["key", "subsystem"], difference.KeyColumns);
        Assert.Equal([RowChange.Changed, RowChange.Added], difference.Rows.Select(static r => r.Change));
        Assert.Equal(["schema_meta", "acl"], difference.Rows[0].Key);
        Assert.Equal(["pending"], difference.Rows[0].Columns);
        Assert.Equal(["schema_meta", "é"], difference.Rows[1].Key);
    }

    [Fact]
    public async Task Counts_rows_of_a_table_without_a_primary_key_doubled_ones_too()
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync("CREATE TABLE event_hooks (id uuid, source text); INSERT INTO event_hooks SELECT NULL, 'same' FROM generate_series(1, 5)");
        var difference = await AcrossAsync(kong, "DELETE FROM event_hooks WHERE ctid = (SELECT min(ctid) FROM event_hooks); INSERT INTO event_hooks VALUES (NULL, 'new'), (NULL, 'new')", "event_hooks");
        Assert.Empty(difference.KeyColumns);
        Assert.Equal((2, 1, 0), Counts(difference));
        Assert.All(difference.Rows, static row => Assert.Empty(row.Key));
    }

    [Fact]
    public async Task Tells_a_missing_column_from_changed_rows()
    {
        var kong = await postgres.KongAsync();
        var y = await postgres.KongAsync();
        await y.RunAsync("ALTER TABLE consumers DROP COLUMN tags; ALTER TABLE consumers ADD COLUMN custom_id text; UPDATE consumers SET username = 'x' WHERE username = 'consumer-1'");
        await using var before = await SnapshotAsync(kong);
        await using var after = await SnapshotAsync(y);
        var difference = await CompareAsync(before, after, "consumers");
        Assert.Equal(["custom_id"], difference.AddedColumns);
        Assert.Equal(["tags"], difference.RemovedColumns);
        Assert.Equal(["username"], Assert.Single(difference.Rows).Columns);
    }

    [Fact]
    public async Task Counts_the_rows_of_a_table_that_only_one_database_has()
    {
        var x = await postgres.KongAsync();
        var y = await postgres.KongAsync();
        await y.RunAsync("CREATE TABLE acls (id uuid PRIMARY KEY, name text); INSERT INTO acls VALUES ('00000000-0000-0000-0000-00000000000a', 'a')");
        await using var before = await SnapshotAsync(x);
        await using var after = await SnapshotAsync(y);
        var difference = await CompareAsync(before, after, "acls");
        Assert.Equal((1, 0, 0), Counts(difference));
        Assert.Equal(["id", "name"], difference.AddedColumns);
        Assert.Equal(["00000000-0000-0000-0000-00000000000a"], Assert.Single(difference.Rows).Key);
        Assert.Equal((0, 1, 0), Counts(await CompareAsync(after, before, "acls")));
    }

    [Theory]
    [InlineData("cluster_events")]
    [InlineData("nowhere")]
    public async Task Refuses_a_table_that_is_no_configuration(string table)
    {
        var kong = await postgres.KongAsync();
        var failure = await Assert.ThrowsAsync<StepFailedException>(() => AcrossAsync(kong, "SELECT 1", table));
        Assert.Equal(FailureCodes.CommandNotPossible, failure.Failure.Code);
    }

    [Fact]
    public async Task Sees_what_the_scope_sees()
    {
        var kong = await postgres.KongAsync();
        const string change = "UPDATE oauth2_credentials SET client_secret = '$pbkdf2$new'; DELETE FROM keyauth_credentials WHERE ttl IS NOT NULL";
        await using var before = await SnapshotAsync(kong);
        await kong.RunAsync(change);
        await using var after = await SnapshotAsync(kong);
        Assert.True((await CompareAsync(before, after, "oauth2_credentials")).IsEmpty);
        Assert.True((await CompareAsync(before, after, "keyauth_credentials")).IsEmpty);
        var complete = FingerprintScope.Default.Complete;
        Assert.Equal(["client_secret"], Assert.Single((await CompareAsync(before, after, "oauth2_credentials", complete)).Rows).Columns);
        Assert.Equal((0, 2, 0), Counts(await CompareAsync(before, after, "keyauth_credentials", complete)));
    }

    [Fact]
    public async Task Tells_no_value_but_those_of_the_key()
    {
        var kong = await postgres.KongAsync();
        var difference = await AcrossAsync(kong, "UPDATE certificates SET key = 'private'", "certificates");
        var told = JsonSerializer.Serialize(difference);
        Assert.Equal(["key"], Assert.Single(difference.Rows).Columns);
        Assert.DoesNotContain("private", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_a_database_that_is_gone()
    {
        var kong = await postgres.KongAsync();
        await using var before = await SnapshotAsync(kong);
        await using var after = await SnapshotAsync(kong);
        await kong.AskAsync<bool>($"SELECT pg_terminate_backend({after.Connection.ProcessID})");
        var failure = await Assert.ThrowsAsync<StepFailedException>(() => CompareAsync(before, after, "services"));
        Assert.Equal(FailureCodes.DatabaseUnreachable, failure.Failure.Code);
    }

    private static (long Added, long Removed, long Changed) Counts(TableDifference difference) => (difference.Added, difference.Removed, difference.Changed);

    private static async Task<TableDifference> AcrossAsync(SmallKong kong, string change, string table, int limit = 100)
    {
        await using var before = await SnapshotAsync(kong);
        await kong.RunAsync(change);
        await using var after = await SnapshotAsync(kong);
        return await CompareAsync(before, after, table, limit: limit);
    }

    private static Task<TableDifference> CompareAsync(OpenSnapshot before, OpenSnapshot after, string table, FingerprintScope? scope = null, int limit = 100) =>
        RowComparison.CompareAsync(before.Snapshot, after.Snapshot, table, scope ?? FingerprintScope.Default, limit, CancellationToken.None);

    // A repeatable-read transaction sees what there was at its first statement.
    private static async Task<OpenSnapshot> SnapshotAsync(SmallKong kong)
    {
        var connection = await kong.OpenAsync();
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        await SmallKong.RunAsync(connection, "SELECT 1");
        return new OpenSnapshot(connection, new ConfigurationSnapshot(transaction, "public"));
    }

    private sealed record OpenSnapshot(NpgsqlConnection Connection, ConfigurationSnapshot Snapshot) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Connection.DisposeAsync();
    }
}
