using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>Every kind of writer against every configuration table of databases that real Kongs made: refused, or detected. Every run-time table stays writable.</summary>
public sealed class FenceMatrixTests(PostgresFixture postgres)
{
    private static readonly string[] Versions = ["2.8.5", "3.4.2"];

    // What is refused changes nothing, so all who are refused share one frozen database of each version.
    private static readonly ConcurrentDictionary<string, Lazy<Task<Frozen>>> Shared = new();

    public static TheoryData<string, string, string> Writers => new(
        from version in Versions
        from role in WriterKinds.Disguises.Keys
        from kind in WriterKinds.Statements.Keys
        select (version, role, kind));

    public static TheoryData<string> EachVersion => new(Versions);

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task Refuses_each_writer_at_each_configuration_table(string version, string role, string kind)
    {
        var frozen = await FrozenAsync(version);
        await using var writer = role == "owner" ? await frozen.Kong.OpenAsync() : await frozen.Kong.OpenSuperuserAsync();
        Assert.SkipWhen(kind == "merge" && writer.PostgreSqlVersion.Major < 15, "MERGE came with PostgreSQL 15");
        await SmallKong.RunAsync(writer, WriterKinds.Disguises[role]);
        var before = await RefusedAsync(frozen);
        foreach (var table in frozen.Tables)
        {
            var refusal = await Assert.ThrowsAsync<PostgresException>(() => SmallKong.RunAsync(writer, table.Format(WriterKinds.Statements[kind])));
            Assert.Equal((table.Name, WriteFence.SqlState), (table.Name, refusal.SqlState));
            if (WriterKinds.Statements[kind].StartsWith("BEGIN", StringComparison.Ordinal))
            {
                await SmallKong.RunAsync(writer, "ROLLBACK");
            }
        }

        await AssertEachCountedOnceAsync(frozen, before);
    }

    [Theory]
    [MemberData(nameof(EachVersion))]
    public async Task Refuses_a_copy_into_each_configuration_table(string version)
    {
        var frozen = await FrozenAsync(version);
        await using var writer = await frozen.Kong.OpenAsync();
        var before = await RefusedAsync(frozen);
        foreach (var table in frozen.Tables)
        {
            string row;
            using (var export = await writer.BeginTextExportAsync(table.Format("COPY (SELECT * FROM {0} LIMIT 1) TO STDOUT")))
            {
                row = await export.ReadToEndAsync();
            }

            var refusal = await Assert.ThrowsAsync<PostgresException>(async () =>
            {
                await using var import = await writer.BeginTextImportAsync(table.Format("COPY {0} FROM STDIN"));
                await import.WriteAsync(row);
                await import.DisposeAsync();
            });
            Assert.Equal((table.Name, WriteFence.SqlState), (table.Name, refusal.SqlState));
        }

        await AssertEachCountedOnceAsync(frozen, before);
    }

    [Theory]
    [MemberData(nameof(EachVersion))]
    public async Task Refuses_a_cascade_even_where_its_source_has_no_fence(string version)
    {
        var frozen = await FrozenAsync(version);
        await using var superuser = await frozen.Kong.OpenSuperuserAsync();
        var cascades = 0;
        foreach (var (parent, child, join) in frozen.Cascades)
        {
            foreach (var write in new[] { $"DELETE FROM {parent} p WHERE EXISTS (SELECT 1 FROM {child} c WHERE {join})", $"TRUNCATE {parent} CASCADE" })
            {
                await SmallKong.RunAsync(superuser, $"BEGIN; ALTER TABLE {parent} DISABLE TRIGGER kum_fence_rows, DISABLE TRIGGER kum_fence_truncate");
                await Fencing.AssertRefusedAsync(superuser, write);
                await SmallKong.RunAsync(superuser, "ROLLBACK");
                cascades++;
            }
        }

        Assert.True(cascades >= 10, $"only {cascades} cascades have rows to delete");
    }

    [Theory]
    [MemberData(nameof(EachVersion))]
    public async Task Counts_a_writer_that_swallows_its_refusal_and_writes_nothing(string version)
    {
        var frozen = await FrozenAsync(version);
        await using var writer = await frozen.Kong.OpenAsync();
        var before = await RefusedAsync(frozen);
        foreach (var table in frozen.Tables)
        {
            var rows = await frozen.Kong.AskAsync<long>(table.Format("SELECT count(*) FROM {0}"));
            await SmallKong.RunAsync(writer, table.Format("DO $$ BEGIN DELETE FROM {0}; EXCEPTION WHEN OTHERS THEN NULL; END $$"));
            Assert.Equal((table.Name, rows), (table.Name, await frozen.Kong.AskAsync<long>(table.Format("SELECT count(*) FROM {0}"))));
        }

        await AssertEachCountedOnceAsync(frozen, before);
    }

    [Theory]
    [MemberData(nameof(EachVersion))]
    public async Task Detects_DDL_at_each_configuration_table(string version)
    {
        var frozen = await FrozenAsync(version);
        await using var owner = await frozen.Kong.OpenAsync();
        foreach (var table in frozen.Tables)
        {
            foreach (var (ddl, finding) in new[]
            {
                ("ALTER TABLE {0} ADD COLUMN past_the_fence text DEFAULT 'x'", "definition changed"),
                ("ALTER TABLE {0} ALTER COLUMN {1} TYPE text USING 'x'", "definition changed"),
                ("ALTER TABLE {0} RENAME TO past_the_fence", "now public.past_the_fence"),
                ("DROP TABLE {0} CASCADE", "gone"),
                ("ALTER TABLE {0} DISABLE TRIGGER USER", "trigger missing, disabled or altered"),
            })
            {
                await SmallKong.RunAsync(owner, "BEGIN");
                try
                {
                    await SmallKong.RunAsync(owner, table.Format(ddl));
                }
                catch (PostgresException cannot) when (cannot.SqlState is PostgresErrorCodes.DatatypeMismatch or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.FeatureNotSupported)
                {
                    // A key that others refer to, or one that must stay unique: the server itself refuses.
                    await SmallKong.RunAsync(owner, "ROLLBACK");
                    continue;
                }

                var status = await Fencing.Of(frozen.Kong.Spec).VerifyAsync(owner, CancellationToken.None);
                await SmallKong.RunAsync(owner, "ROLLBACK");
                Assert.Contains($"table {table.Name}: {finding}", status.Defects);
            }
        }
    }

    [Theory]
    [MemberData(nameof(EachVersion))]
    public async Task Is_not_put_up_beside_an_open_writer_of_any_table(string version)
    {
        var kong = await postgres.RecordedAsync(version);
        var tables = await PrepareAsync(kong);
        await using var writer = await kong.OpenAsync();
        var brief = new FreezeSpec { DrainTimeout = TimeSpan.FromMilliseconds(20), LockTimeout = TimeSpan.FromMilliseconds(20) };
        foreach (var table in tables)
        {
            await SmallKong.RunAsync(writer, "BEGIN; " + table.Format("UPDATE {0} SET {1} = {1}"));
            var failure = await Assert.ThrowsAsync<StepFailedException>(() => kong.FreezeAsync(brief));
            Assert.Equal((table.Name, FailureCodes.WritersNotDrained), (table.Name, failure.Failure.Code));
            await SmallKong.RunAsync(writer, "ROLLBACK");
        }

        Assert.Equal(0L, await kong.ObjectsLeftAsync());
    }

    [Theory]
    [MemberData(nameof(EachVersion))]
    public async Task Refuses_a_transaction_whose_snapshot_is_older_than_the_fence(string version)
    {
        var kong = await postgres.RecordedAsync(version);
        var tables = await PrepareAsync(kong);
        await using var writer = await kong.OpenAsync();
        await SmallKong.RunAsync(writer, "BEGIN ISOLATION LEVEL SERIALIZABLE");
        foreach (var table in tables)
        {
            await SmallKong.RunAsync(writer, table.Format("SELECT count(*) FROM {0}"));
        }

        await kong.FreezeAsync();
        foreach (var table in tables)
        {
            await SmallKong.RunAsync(writer, "SAVEPOINT s");
            await Fencing.AssertRefusedAsync(writer, table.Format("UPDATE {0} SET {1} = {1}"));
            await SmallKong.RunAsync(writer, "ROLLBACK TO SAVEPOINT s");
        }
    }

    [Theory]
    [MemberData(nameof(EachVersion))]
    public async Task Leaves_run_time_state_and_Kongs_own_background_writes_alone(string version)
    {
        var kong = await postgres.RecordedAsync(version);
        await PrepareAsync(kong);
        await kong.FreezeAsync();
        await using var owner = await kong.OpenAsync();
        foreach (var name in (await KongTables.ClassifyAsync(owner, "public", CancellationToken.None)).Runtime)
        {
            var table = await MatrixTable.ReadAsync(owner, name);
            await SmallKong.RunAsync(owner, table.Insert);
            await SmallKong.RunAsync(owner, table.Format("UPDATE {0} SET {1} = {1}; DELETE FROM {0}; TRUNCATE {0}"));
        }

        foreach (var write in RunTimeWrites)
        {
            await SmallKong.RunAsync(owner, write);
        }

        Assert.Equal(0L, await kong.AskAsync<long>("SELECT count(*) FROM keyauth_credentials WHERE ttl < now()"));
        Assert.Equal("$pbkdf2$new", await kong.AskAsync<string>("SELECT client_secret FROM oauth2_credentials WHERE hash_secret"));
        var status = await kong.VerifyAsync();
        Assert.Empty(status.RefusedByTable);
        Assert.True(status.HoldsFor(Fencing.Upgrade));

        await kong.LiftAsync();
        Assert.Equal(0L, await kong.ObjectsLeftAsync());
        await kong.RunAsync("UPDATE services SET host = 'free'");
    }

    [Theory]
    [InlineData("2.8.5", 20)]
    [InlineData("3.4.2", 23)]
    public async Task Knows_every_table(string version, int configuration)
    {
        var kong = await postgres.RecordedAsync(version);
        await using var owner = await kong.OpenAsync();
        var tables = await KongTables.ClassifyAsync(owner, "public", CancellationToken.None);
        Assert.Empty(tables.Unknown);
        Assert.Equal(configuration, tables.Configuration.Count);
    }

    // As Kong's plugins and timers send them; the foreign-key checks of the first two lock rows of configuration.
    private static readonly string[] RunTimeWrites =
    [
        "INSERT INTO oauth2_tokens (id, credential_id, service_id, access_token, ws_id) SELECT gen_random_uuid(), c.id, s.id, 'issued', c.ws_id FROM oauth2_credentials c JOIN services s ON s.ws_id = c.ws_id LIMIT 1",
        "INSERT INTO oauth2_authorization_codes (id, credential_id, service_id, code, ws_id) SELECT gen_random_uuid(), c.id, s.id, 'issued', c.ws_id FROM oauth2_credentials c JOIN services s ON s.ws_id = c.ws_id LIMIT 1",
        "INSERT INTO ratelimiting_metrics (identifier, period, period_date, service_id, route_id, value, ttl) VALUES ('c', 'minute', now(), gen_random_uuid(), gen_random_uuid(), 1, now() + interval '2 minutes') ON CONFLICT ON CONSTRAINT ratelimiting_metrics_pkey DO UPDATE SET value = ratelimiting_metrics.value + EXCLUDED.value",
        "INSERT INTO cluster_events (id, node_id, at, expire_at, channel, data) VALUES (gen_random_uuid(), gen_random_uuid(), now(), now() + interval '1 hour', 'invalidations', 'x')",
        "SELECT * FROM consumers FOR UPDATE",
        "WITH rows AS (SELECT ctid FROM keyauth_credentials WHERE ttl < CURRENT_TIMESTAMP AT TIME ZONE 'UTC' ORDER BY ttl LIMIT 50000 FOR UPDATE SKIP LOCKED) DELETE FROM keyauth_credentials WHERE ctid IN (TABLE rows)",
        "UPDATE oauth2_credentials SET client_secret = '$pbkdf2$new' WHERE hash_secret",
        "UPDATE services SET host = 'x' WHERE name = 'no such service'",
    ];

    private Task<Frozen> FrozenAsync(string version) => Shared.GetOrAdd(version, v => new Lazy<Task<Frozen>>(async () =>
    {
        var kong = await postgres.RecordedAsync(v);
        var tables = await PrepareAsync(kong);
        await kong.FreezeAsync();
        await using var owner = await kong.OpenAsync();
        return new Frozen(kong, tables, await MatrixTable.CascadesAsync(owner, [.. tables.Select(static t => t.Name)]));
    })).Value;

    // A row trigger fires for rows only, so each table gets one.
    private static async Task<IReadOnlyList<MatrixTable>> PrepareAsync(SmallKong kong)
    {
        await using var superuser = await kong.OpenSuperuserAsync();
        var tables = new List<MatrixTable>();
        await SmallKong.RunAsync(superuser, "SET session_replication_role = replica");
        foreach (var name in (await KongTables.ClassifyAsync(superuser, "public", CancellationToken.None)).Configuration)
        {
            var table = await MatrixTable.ReadAsync(superuser, name);
            tables.Add(table);
            if (!await kong.AskAsync<bool>(table.Format("SELECT EXISTS (SELECT 1 FROM {0})")))
            {
                await SmallKong.RunAsync(superuser, table.Insert);
            }
        }

        await SmallKong.RunAsync(superuser, """
            INSERT INTO keyauth_credentials (id, key, ttl) VALUES (gen_random_uuid(), 'expired', now() - interval '1 hour');
            UPDATE oauth2_credentials SET hash_secret = false;
            INSERT INTO oauth2_credentials (id, client_id, client_secret, hash_secret) VALUES (gen_random_uuid(), 'hashed', '$pbkdf2$old', true);
            """);
        return tables;
    }

    private static async Task<IReadOnlyDictionary<string, long>> RefusedAsync(Frozen frozen) => (await frozen.Kong.VerifyAsync()).RefusedByTable;

    private static async Task AssertEachCountedOnceAsync(Frozen frozen, IReadOnlyDictionary<string, long> before)
    {
        var after = await frozen.Kong.VerifyAsync();
        Assert.True(after.HoldsFor(Fencing.Upgrade), string.Join('\n', after.Defects));
        Assert.All(frozen.Tables, t => Assert.Equal(
            (t.Name, before.GetValueOrDefault(t.Name) + 1), (t.Name, after.RefusedByTable.GetValueOrDefault(t.Name))));
    }

    private sealed record Frozen(SmallKong Kong, IReadOnlyList<MatrixTable> Tables, IReadOnlyList<(string Parent, string Child, string Join)> Cascades);
}
