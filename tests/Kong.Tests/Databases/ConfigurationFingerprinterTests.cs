using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.Tests.Databases;

public sealed class ConfigurationFingerprinterTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Does_not_depend_on_session_settings_or_physical_order()
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync("CREATE TABLE keys (id int, f float8, b bytea, at timestamptz, i interval); INSERT INTO keys VALUES (1, 0.1, 'ab', now(), '1 day 2 hours'), (1, 0.1, 'ab', now(), '1 day 2 hours')");
        var before = await TakeAsync(kong);
        await using var session = await kong.OpenAsync();
        await SmallKong.RunAsync(session, """
            SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'SQL, DMY'; SET bytea_output = 'escape'; SET extra_float_digits = 0; SET IntervalStyle = 'iso_8601'; SET search_path = 'nowhere';
            CREATE TEMP TABLE moved AS SELECT * FROM public.services;
            """);
        await SmallKong.RunAsync(session, "CREATE INDEX ON public.services (name DESC); CLUSTER public.services USING services_name_idx");
        Assert.Equal(before.Root, (await ConfigurationFingerprinter.TakeAsync(session, "public", FingerprintScope.Default, CancellationToken.None)).Root);
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
        var fingerprint = await TakeAsync(kong);
        Assert.Equal(500_005, fingerprint.Tables.Single(static t => t.Table == "consumers").Rows);
    }

    private static async Task<ConfigurationFingerprint> TakeAsync(SmallKong kong, FingerprintScope? scope = null)
    {
        await using var connection = await kong.OpenAsync();
        return await ConfigurationFingerprinter.TakeAsync(connection, "public", scope ?? FingerprintScope.Default, CancellationToken.None);
    }
}
