using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Databases;

namespace KongUpgradeMesh.DeployAgent.Tests.Clusters;

public sealed class PreflightRefusalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reports_every_problem_at_once_and_the_gravest_first()
    {
        await using var clusters = await TwoClusters.StartAsync(Token, withX: false);
        clusters.Spec = clusters.Spec with { To = clusters.Spec.To with { Version = "3.9.1" } };
        var failure = await clusters.FailAsync(clusters.Preflight, Token);
        Assert.Equal(FailureCodes.VersionPathNotAllowed, failure.Code);
        foreach (var code in new[] { FailureCodes.VersionPathNotAllowed, FailureCodes.VersionMismatch, FailureCodes.MigrationsPending, FailureCodes.ClusterUnreachable })
        {
            Assert.Contains(failure.Details, d => d.StartsWith(code, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Recognises_one_database_under_two_host_names()
    {
        await using var clusters = await TwoClusters.StartAsync(Token, withX: false);
        clusters.Spec = clusters.Spec with { To = clusters.Spec.To with { Database = clusters.Spec.From.Database with { Host = "localhost" } } };
        Assert.Equal(FailureCodes.SameDatabase, (await clusters.FailAsync(clusters.Preflight, Token)).Code);
        Assert.Equal(FailureCodes.SameDatabase, (await clusters.FailAsync(clusters.Migrate, Token)).Code);
        Assert.Equal(FailureCodes.SameDatabase, (await clusters.FailAsync(clusters.Start, Token)).Code);
        Assert.False(await clusters.AskAsync<bool>("kong_x", "SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid >= 16384)", Token));
    }

    [Fact]
    public async Task Refuses_Cassandra_and_a_prefix_shared_with_cluster_X()
    {
        await using var clusters = await TwoClusters.StartAsync(Token, withX: false);
        var (x, y) = (clusters.Spec.From, clusters.Spec.To);
        clusters.Spec = clusters.Spec with
        {
            From = x with { Deployment = x.Deployment with { Environment = new Dictionary<string, string> { ["KONG_DATABASE"] = "cassandra" } } },
            To = y with { Nodes = [y.Nodes[0] with { Prefix = x.Nodes[0].Prefix + "/" }] },
        };
        var failure = await clusters.FailAsync(clusters.Preflight, Token);
        Assert.Equal(FailureCodes.CassandraNotSupported, failure.Code);
        Assert.Contains(failure.Details, static d => d.Contains("use the prefix", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(UnknownTableChoice.Refuse, true)]
    [InlineData(UnknownTableChoice.Leave, false)]
    public async Task Names_tables_that_nobody_has_decided_on(UnknownTableChoice choice, bool refused)
    {
        await using var clusters = await TwoClusters.StartAsync(Token, withX: false);
        await clusters.AskAsync<int>(
            "kong_x",
            """
            CREATE TABLE schema_meta (key text, subsystem text, executed text[], pending text[]);
            CREATE TABLE plugins (name text, enabled boolean, service_id uuid, route_id uuid, consumer_id uuid);
            CREATE TABLE my_plugins_state (id int);
            SELECT 1
            """,
            Token);
        clusters.Spec = clusters.Spec with { Freeze = clusters.Spec.Freeze with { UnknownTables = choice } };
        var failure = await clusters.FailAsync(clusters.Preflight, Token);
        Assert.Equal(refused, failure.Details.Any(static d => d.StartsWith(FailureCodes.UnknownTables, StringComparison.Ordinal) && d.Contains("spec.freeze.unknownTables", StringComparison.Ordinal)));
        Assert.Equal(refused, failure.Details.Contains("  table my_plugins_state"));
    }

    [Fact]
    public async Task Leaves_a_database_alone_that_is_not_this_upgrades()
    {
        await using var clusters = await TwoClusters.StartAsync(Token, withX: false);
        var databases = new ClusterDatabases(clusters.Spec);
        var mine = new TargetDatabase(databases, clusters.UpgradeId);
        Assert.Equal(TargetState.Absent, await mine.InspectAsync(Token));
        await mine.RecreateAsync(Token);
        await clusters.AskAsync<int>("kong_y", "CREATE TABLE half_restored (id int); SELECT 1", Token);
        await mine.RecreateAsync(Token);
        Assert.Equal(TargetState.Own, await mine.InspectAsync(Token));
        Assert.False(await clusters.AskAsync<bool>("kong_y", "SELECT to_regclass('half_restored') IS NOT NULL", Token));

        await clusters.AskAsync<int>("kong_y", "CREATE TABLE precious (id int); SELECT 1", Token);
        var another = new TargetDatabase(databases, Guid.NewGuid());
        Assert.Equal(FailureCodes.DatabaseNotEmpty, (await Assert.ThrowsAsync<StepFailedException>(() => another.RecreateAsync(Token))).Failure.Code);
        Assert.Equal(FailureCodes.DatabaseNotEmpty, (await Assert.ThrowsAsync<StepFailedException>(() => another.EnsureOwnAsync(Token))).Failure.Code);
        Assert.True(await clusters.AskAsync<bool>("kong_y", "SELECT to_regclass('precious') IS NOT NULL", Token));
    }

    [Fact]
    public async Task Adopts_an_empty_database_that_an_administrator_provided()
    {
        await using var clusters = await TwoClusters.StartAsync(Token, withX: false);
        await clusters.Postgres.CreateDatabaseAsync("kong_y", cancellationToken: Token);
        var target = new TargetDatabase(new ClusterDatabases(clusters.Spec), clusters.UpgradeId);
        Assert.Equal(TargetState.Empty, await target.InspectAsync(Token));
        await target.RecreateAsync(Token);
        Assert.Equal(TargetState.Own, await target.InspectAsync(Token));
    }
}
