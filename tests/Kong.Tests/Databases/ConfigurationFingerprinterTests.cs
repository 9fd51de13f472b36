using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

public sealed class ConfigurationFingerprinterTests(PostgresFixture postgres)
{
    private const string EveryKindOfValue = """
        CREATE TYPE public.mood AS ENUM ('sad', 'happy');
        CREATE DOMAIN public.percent AS int CHECK (VALUE BETWEEN 0 AND 100);
        CREATE TABLE public.keys (id int, f float8, r real, n numeric, b bytea, at timestamptz, d date, i interval, m money, x xml, j jsonb, mood public.mood, p public.percent, t time with time zone, net inet, list timestamptz[]);
        INSERT INTO public.keys SELECT 1, 0.1, 0.1, 1.50, 'ab', '2024-02-29 12:00Z', '2024-02-29', '1 year 2 days 3 hours', 12.5, '<a>1</a>', '{"a": 0.10}', 'happy', 7, '12:00+02', '10.0.0.1', '{2024-02-29 12:00Z}' FROM generate_series(1, 2);
        """;

    private const string OtherSettings = """
        TimeZone = 'Asia/Tokyo'|DateStyle = 'SQL, DMY'|IntervalStyle = 'iso_8601'|bytea_output = 'escape'|extra_float_digits = 0|search_path = 'nowhere'|xmlbinary = 'hex'
        |statement_timeout = '1h'|lock_timeout = '1h'|row_security = on|jit_above_cost = 0|client_encoding = 'LATIN1'
        |parallel_setup_cost = 0|parallel_tuple_cost = 0|min_parallel_table_scan_size = 0|max_parallel_workers_per_gather = 4|parallel_leader_participation = off
        """;

    [Theory]
    [InlineData("SET {0}")]
    [InlineData("ALTER ROLE kong_owner IN DATABASE {1} SET {0}")]
    [InlineData("ALTER DATABASE {1} SET {0}")]
    public async Task Does_not_depend_on_settings_of_session_role_or_database(string set)
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync(EveryKindOfValue);
        var before = await TakeAsync(kong, FingerprintScope.Default.Complete);
        await using var superuser = await kong.OpenSuperuserAsync();
        await using var session = await kong.OpenAsync();
        foreach (var setting in OtherSettings.Split('|', StringSplitOptions.TrimEntries).Where(s => !set.StartsWith("SET", StringComparison.Ordinal) || !s.StartsWith("client_encoding", StringComparison.Ordinal)))
        {
            await SmallKong.RunAsync(set.StartsWith("SET", StringComparison.Ordinal) ? session : superuser, string.Format(null, set, setting, kong.Spec.Name));
        }

        await using var later = await kong.OpenAsync();
        foreach (var connection in new[] { session, later })
        {
            Assert.Empty(ConfigurationFingerprinter.Compare(before, await ConfigurationFingerprinter.TakeAsync(connection, "public", FingerprintScope.Default.Complete, CancellationToken.None)));
        }
    }

    [Fact]
    public async Task Does_not_depend_on_the_order_of_rows_and_columns_or_on_dead_rows()
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync(EveryKindOfValue);
        var before = await TakeAsync(kong, FingerprintScope.Default.Complete);
        await kong.RunAsync("""
            CREATE SCHEMA other;
            DO $$ DECLARE t text; columns text; BEGIN
              FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
                SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum DESC) INTO columns FROM pg_attribute WHERE attrelid = ('public.' || t)::regclass AND attnum > 0;
                EXECUTE format('CREATE TABLE other.%I AS SELECT %s FROM public.%1$I ORDER BY random()', t, columns);
                EXECUTE format('INSERT INTO other.%I SELECT * FROM other.%1$I; DELETE FROM other.%1$I WHERE ctid IN (SELECT max(ctid) FROM other.%1$I d GROUP BY d::text HAVING count(*) = 2)', t);
              END LOOP;
              TRUNCATE other.keys; INSERT INTO other.keys SELECT t.list, t.net, t.t, t.p, t.mood, t.j, t.x, t.m, t.i, t.d, t.at, t.b, t.n, t.r, t.f, t.id FROM public.keys t;
            END $$;
            """);
        await using var connection = await kong.OpenAsync();
        var other = await ConfigurationFingerprinter.TakeAsync(connection, "other", FingerprintScope.Default.Complete, CancellationToken.None);
        Assert.Empty(ConfigurationFingerprinter.Compare(before, other));
        Assert.Equal(before.Root, other.Root);
    }

    [Fact]
    public async Task Does_not_depend_on_the_encoding_of_the_database_or_on_the_oids_of_its_types()
    {
        var server = await postgres.ServerAsync();
        var roots = new List<string>();
        foreach (var encoding in new[] { "UTF8", "LATIN1" })
        {
            var name = $"{encoding}_{Guid.NewGuid():N}"[..20].ToLowerInvariant();
            await using (var admin = new NpgsqlConnection(server.ConnectionString()))
            {
                await admin.OpenAsync();
                await SmallKong.RunAsync(admin, $"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'");
                await SmallKong.RunAsync(admin, $"ALTER DATABASE {name} SET min_parallel_table_scan_size = 0; ALTER DATABASE {name} SET parallel_setup_cost = 0; ALTER DATABASE {name} SET parallel_tuple_cost = 0; ALTER DATABASE {name} SET parallel_leader_participation = off");
            }

            await using var connection = new NpgsqlConnection(server.ConnectionString(name) + ";Pooling=false");
            await connection.OpenAsync();
            await SmallKong.RunAsync(connection, encoding == "UTF8" ? EveryKindOfValue : "CREATE TYPE public.first AS ENUM ('a');" + EveryKindOfValue);
            await SmallKong.RunAsync(connection, "CREATE TABLE consumers (id uuid PRIMARY KEY, username text, tags text[]); INSERT INTO consumers SELECT md5(n::text)::uuid, 'Zoë ' || n, '{früh}' FROM generate_series(1, 2000) n");
            roots.Add((await ConfigurationFingerprinter.TakeAsync(connection, "public", FingerprintScope.Default, CancellationToken.None)).Root);
        }

        Assert.Equal(roots[0], roots[1]);
    }

    [Fact]
    public async Task Takes_both_fingerprints_of_a_backup_in_one_pass_as_if_taken_one_by_one()
    {
        var kong = await postgres.KongAsync();
        var scope = new FingerprintScope { LeavesOutAcme = true, AllowedDrift = ["plugins", "services.host"] };
        await using var connection = await kong.OpenAsync();
        var pair = await ConfigurationFingerprinter.TakePairAsync(connection, "public", scope, CancellationToken.None);
        Assert.Equal((await TakeAsync(kong, scope)).Root, pair.Lasting.Root);
        Assert.Equal((await TakeAsync(kong, scope.Complete)).Root, pair.Complete.Root);
        Assert.Equal((await TakeAsync(kong, FingerprintScope.Default.Complete)).Root, pair.Complete.Root);
        Assert.Equal(["certificates", "plugins", "snis"], pair.Complete.Tables.Select(static t => t.Table).Except(pair.Lasting.Tables.Select(static t => t.Table)));
        Assert.Equal((3, 5), (Rows(pair.Lasting, "keyauth_credentials"), Rows(pair.Complete, "keyauth_credentials")));
        Assert.Equal((20, 25), (Rows(pair.Lasting, "tags"), Rows(pair.Complete, "tags")));
    }

    [Theory]
    [InlineData("plugins", "UPDATE plugins SET enabled = false", true)]
    [InlineData("services.host", "UPDATE services SET host = 'moved'", true)]
    [InlineData("services.host", "UPDATE services SET port = 1", false)]
    [InlineData("services.tags", "UPDATE services SET tags = '{red}'", true)]
    [InlineData("services", "INSERT INTO services (id, name) VALUES (gen_random_uuid(), 'new')", true)]
    [InlineData("services", "INSERT INTO consumers VALUES (gen_random_uuid(), 'new')", false)]
    public async Task Leaves_out_what_may_drift_but_not_from_the_complete_fingerprint(string allowed, string change, bool unseen)
    {
        var kong = await postgres.KongAsync();
        var scope = FingerprintScope.Of(new FreezeSpec { AllowedDrift = [allowed] });
        var (before, complete) = (await TakeAsync(kong, scope), await TakeAsync(kong, scope.Complete));
        await kong.RunAsync(change);
        Assert.Equal(unseen, before.Root == (await TakeAsync(kong, scope)).Root);
        Assert.NotEqual(complete.Root, (await TakeAsync(kong, scope.Complete)).Root);
    }

    [Theory]
    [InlineData("UPDATE services SET host = 'other' WHERE name = 'service-1'", "services")]
    [InlineData("INSERT INTO consumers SELECT gen_random_uuid(), 'new'", "consumers")]
    [InlineData("DELETE FROM snis", "snis")]
    [InlineData("UPDATE services SET host = NULL WHERE name = 'service-1'", "services")]
    [InlineData("UPDATE plugins SET config = config || '{\"minute\": 0}'", "plugins")]
    [InlineData("UPDATE schema_meta SET pending = '{x}' WHERE subsystem = 'acl'", "schema_meta")]
    [InlineData("ALTER TABLE workspaces DROP COLUMN name", "workspaces")]
    [InlineData("CREATE TABLE routes (id uuid)", "routes")]
    [InlineData("UPDATE services SET host = CASE name WHEN 'service-1' THEN 'host-2' ELSE 'host-1' END WHERE name IN ('service-1', 'service-2')", "services")]
    public async Task Names_the_table_that_changed(string change, string table)
    {
        var kong = await postgres.KongAsync();
        var before = await TakeAsync(kong);
        await kong.RunAsync(change);
        var after = await TakeAsync(kong);
        Assert.NotEqual(before.Root, after.Root);
        Assert.Equal([table], ConfigurationFingerprinter.Compare(before, after));
        Assert.Equal([table], ConfigurationFingerprinter.Compare(after, before));
    }

    [Theory]
    [InlineData("DELETE FROM keyauth_credentials WHERE ttl IS NOT NULL")]
    [InlineData("UPDATE oauth2_credentials SET client_secret = '$pbkdf2$new'")]
    [InlineData("INSERT INTO ratelimiting_metrics VALUES ('d', 'minute', now(), 5)")]
    [InlineData("CREATE TABLE somebody_elses (id int)")]
    public async Task Does_not_see_what_Kong_changes_while_it_is_frozen(string change)
    {
        var kong = await postgres.KongAsync();
        var before = await TakeAsync(kong);
        await kong.RunAsync(change);
        Assert.Equal(before.Root, (await TakeAsync(kong)).Root);
    }

    [Theory]
    [InlineData("DELETE FROM keyauth_credentials WHERE ttl IS NOT NULL")]
    [InlineData("UPDATE oauth2_credentials SET client_secret = '$pbkdf2$new'")]
    public async Task Sees_passing_rows_when_asked_to(string change)
    {
        var kong = await postgres.KongAsync();
        var everything = new FingerprintScope { IncludesPassing = true };
        var before = await TakeAsync(kong, everything);
        await kong.RunAsync(change);
        Assert.NotEqual(before.Root, (await TakeAsync(kong, everything)).Root);
    }

    [Fact]
    public async Task Follows_the_freeze_in_what_counts_as_configuration()
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync("CREATE TABLE custom_limits (id int)");
        var plain = await TakeAsync(kong);
        Assert.DoesNotContain(plain.Tables, static t => t.Table == "custom_limits");
        var wide = await TakeAsync(kong, FingerprintScope.Of(new FreezeSpec { UnknownTables = UnknownTableChoice.Fence, AllowAcmeWrites = true }));
        Assert.Contains(wide.Tables, static t => t.Table == "custom_limits");
        Assert.DoesNotContain(wide.Tables, static t => t.Table is "certificates" or "snis");
    }

    [Fact]
    public async Task Sees_the_given_snapshot_and_not_what_came_later()
    {
        var kong = await postgres.KongAsync();
        await using var session = await kong.OpenAsync();
        await using var snapshot = await session.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        var before = await ConfigurationFingerprinter.TakeAsync(snapshot, "public", FingerprintScope.Default, CancellationToken.None);
        await kong.RunAsync("DELETE FROM snis");
        Assert.Equal(before.Root, (await ConfigurationFingerprinter.TakeAsync(snapshot, "public", FingerprintScope.Default, CancellationToken.None)).Root);
    }

    [Fact]
    public async Task Digests_half_a_million_rows_on_the_server()
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync("INSERT INTO consumers SELECT gen_random_uuid(), 'bulk-' || n FROM generate_series(1, 500000) n");
        Assert.Equal(500_005, Rows(await TakeAsync(kong), "consumers"));
    }

    private static long Rows(ConfigurationFingerprint fingerprint, string table) => fingerprint.Tables.Single(t => t.Table == table).Rows;

    private static async Task<ConfigurationFingerprint> TakeAsync(SmallKong kong, FingerprintScope? scope = null)
    {
        await using var connection = await kong.OpenAsync();
        return await ConfigurationFingerprinter.TakeAsync(connection, "public", scope ?? FingerprintScope.Default, CancellationToken.None);
    }
}
