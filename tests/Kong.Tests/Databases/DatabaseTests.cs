using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Tests.Databases;

public sealed class DatabaseTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Knows_the_same_database_behind_another_address()
    {
        var kong = await postgres.KongAsync();
        var other = await postgres.KongAsync();
        var x = await IdentityAsync(kong.Database);
        var same = await IdentityAsync(new KongDatabase(kong.Spec with { Host = "localhost", User = PostgresServer.User }, static s => s));
        Assert.Equal(FailureCodes.SameDatabase, Assert.Throws<StepFailedException>(() => DatabaseIdentity.EnsureDistinct(x, same)).Failure.Code);
        DatabaseIdentity.EnsureDistinct(x, await IdentityAsync(other.Database));
    }

    [Fact]
    public async Task Says_whether_a_database_exists()
    {
        var kong = await postgres.KongAsync();
        Assert.True(await kong.Database.ExistsAsync(CancellationToken.None));
        Assert.False(await kong.Database.WithName("nowhere").ExistsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Names_what_keeps_it_from_connecting()
    {
        var kong = await postgres.KongAsync();
        Assert.Equal((FailureCodes.DatabaseUnreachable, false), await FailureOfAsync(kong.Database.WithName("nowhere")));
        Assert.Equal((FailureCodes.DatabaseUnreachable, true), await FailureOfAsync(new KongDatabase(kong.Spec with { Port = LoopbackPorts.Take() }, static s => s)));
        Assert.Equal((FailureCodes.DatabaseNotPermitted, false), await FailureOfAsync(new KongDatabase(kong.Spec with { User = "nobody_here" }, static s => s)));
    }

    [Fact]
    public async Task Names_a_missing_right()
    {
        var kong = await postgres.KongAsync();
        await SmallKong.RunAsync(await kong.OpenSuperuserAsync(), "DO $$ BEGIN CREATE ROLE kong_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        var reader = new KongDatabase(kong.Spec with { AdminUser = "kong_reader" }, static s => s);
        await using var connection = await reader.OpenAdminAsync(CancellationToken.None);
        var fence = new WriteFence(FenceOptions.Of(Guid.NewGuid(), kong.Spec, new()), TimeProvider.System);
        var failure = await Assert.ThrowsAsync<StepFailedException>(() => fence.InstallAsync(connection, CancellationToken.None));
        Assert.Equal(FailureCodes.DatabaseNotPermitted, failure.Failure.Code);
    }

    [Fact]
    public void Gives_programs_the_password_by_environment_only()
    {
        var spec = new Contracts.Specs.DatabaseSpec { Host = "h", Name = "n", User = "u", Password = "env:X", AdminUser = "a", AdminPassword = "env:Y" };
        var database = new KongDatabase(spec, static reference => $"resolved {reference}");
        Assert.Equal("resolved env:X", database.ProcessEnvironment()["PGPASSWORD"]);
        Assert.Equal("resolved env:Y", database.AdminProcessEnvironment()["PGPASSWORD"]);
        Assert.DoesNotContain("resolved", database.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sorts_tables_into_configuration_run_time_and_unknown()
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync("CREATE TABLE my_plugin (id int); CREATE TABLE vitals_stats_seconds_1700000000 (id int); CREATE VIEW routes_view AS SELECT 1");
        await using var connection = await kong.OpenAsync();
        var tables = await KongTables.ClassifyAsync(connection, "public", CancellationToken.None);
        Assert.Equal(["certificates", "consumers", "keyauth_credentials", "oauth2_credentials", "plugins", "schema_meta", "services", "snis", "tags", "workspaces"], tables.Configuration);
        Assert.Equal(["cluster_events", "locks", "oauth2_tokens", "ratelimiting_metrics", "sessions", "vitals_stats_seconds_1700000000"], tables.Runtime);
        Assert.Equal(["my_plugin"], tables.Unknown);
    }

    // The tables of a database that Kong Enterprise 2.8 made; those of the open-source edition are in FenceMatrixTests.
    [Fact]
    public async Task Knows_every_table_of_an_Enterprise_database()
    {
        string[] tables =
        [
            "acls", "acme_storage", "admins", "application_instances", "applications", "audit_objects", "audit_requests", "basicauth_credentials", "ca_certificates",
            "certificates", "cluster_events", "clustering_data_planes", "consumer_group_consumers", "consumer_group_plugins", "consumer_groups", "consumer_reset_secrets",
            "consumers", "credentials", "degraphql_routes", "developers", "document_objects", "event_hooks", "files", "graphql_ratelimiting_advanced_cost_decoration",
            "group_rbac_roles", "groups", "hmacauth_credentials", "jwt_secrets", "jwt_signer_jwks", "keyauth_credentials", "keyauth_enc_credentials", "keyring_meta",
            "legacy_files", "license_data", "licenses", "locks", "login_attempts", "mtls_auth_credentials", "oauth2_authorization_codes", "oauth2_credentials", "oauth2_tokens",
            "oic_issuers", "oic_jwks", "parameters", "plugins", "ratelimiting_metrics", "rbac_role_endpoints", "rbac_role_entities", "rbac_roles", "rbac_user_roles", "rbac_users",
            "response_ratelimiting_metrics", "rl_counters", "routes", "schema_meta", "services", "sessions", "snis", "tags", "targets", "ttls", "upstreams", "vaults", "vaults_beta",
            "vitals_code_classes_by_cluster", "vitals_code_classes_by_workspace", "vitals_codes_by_consumer_route", "vitals_codes_by_route", "vitals_locks", "vitals_node_meta",
            "vitals_stats_days", "vitals_stats_hours", "vitals_stats_minutes", "vitals_stats_seconds", "workspace_entities", "workspace_entity_counters", "workspaces", "ws_migrations_backup",
        ];
        var kong = await SmallKong.CreateEmptyAsync(await postgres.ServerAsync(), "enterprise");
        await kong.RunAsync(string.Concat(tables.Select(static t => $"CREATE TABLE {t} (id int);")));
        await using var connection = await kong.OpenAsync();
        var known = await KongTables.ClassifyAsync(connection, "public", CancellationToken.None);
        Assert.Empty(known.Unknown);
        Assert.Equal(47, known.Configuration.Count);
        Assert.Equal(31, known.Runtime.Count);
    }

    [Theory]
    [InlineData("services", "2.8.5", "3.4.2", true)]
    [InlineData("cluster_events", "2.8.5", "3.4.2", false)]
    [InlineData("vitals_codes_by_route", "2.8.5", "3.4.2", false)]
    [InlineData("oauth2_tokens", "2.8.5", "3.4.2", true)]
    [InlineData("sessions", "2.8.5", "3.4.2", false)]
    [InlineData("sessions", "3.4.3.5", "3.10.0.1", true)]
    public void Copies_rows_only_where_they_are_of_use(string table, string from, string to, bool copied) =>
        Assert.Equal(copied, KongTables.CopiesRows(table, from, to));

    private static async Task<DatabaseIdentity> IdentityAsync(KongDatabase database)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        return await DatabaseIdentity.ReadAsync(connection, CancellationToken.None);
    }

    private static async Task<(string Code, bool Transient)> FailureOfAsync(KongDatabase database)
    {
        var failure = (await Assert.ThrowsAsync<StepFailedException>(() => database.OpenAsync(CancellationToken.None))).Failure;
        return (failure.Code, failure.IsTransient);
    }
}
