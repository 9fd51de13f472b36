using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Assessment;
using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.DeployAgent.Staging;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Kong.Versions;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.DeployAgent.Tests.Rules;

/// <summary>The rules on what a real Kong 2.8.5 had in its database.</summary>
public sealed class RecordedConfigurationTests
{
    [Fact]
    public async Task Judges_a_recorded_database_of_2_8()
    {
        Assert.SkipUnless(RequiredServer.RecordedKong is not null, RequiredServer.NoRecordings);
        var token = TestContext.Current.CancellationToken;
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: token);
        await postgres.CreateDatabaseAsync("kong_x", cancellationToken: token);
        var database = new KongDatabase(new DatabaseSpec { Host = "127.0.0.1", Port = postgres.Port, Name = "kong_x", User = "kong" }, static s => s);
        var restored = await new ProgramRunner(TimeProvider.System).RunAsync(
            new ProgramCall
            {
                File = "pg_restore",
                Arguments = ["--no-owner", "--no-privileges", "-d", "kong_x", Path.Combine(RequiredServer.RecordedKong!, "2.8.5", "dumps", "kong-2.8.5-populated.dump")],
                Environment = database.ProcessEnvironment(),
            },
            token);
        Assert.True(restored.Succeeded, restored.Error);

        var entities = await KongEntityReader.ReadAsync(database, token);
        Assert.Equal((24, 81, 33), (entities.Services.Count, entities.Routes.Count, entities.Plugins.Count));
        Assert.NotEmpty(entities.Credentials);

        var cluster = Cluster.With(entities);
        Assert.Equal(["ent-route-path-handling-v1"], UpgradeAssessment.Of(cluster).Blockers.Select(static b => b.Rule).Distinct());
        Assert.Superset(
            new HashSet<string> { "ent-route-regex-tilde", "ent-route-percent", "plg-functions", "plg-http-log-headers", "plg-queues", "plg-session-lib4", "met-flags-off", "db-ttls-dropped" },
            cluster.Hits().ToHashSet());
        Assert.Contains(CounterSurvey.Take(entities, Cluster.Spec()), static c => c is { Plugin: "rate-limiting", Limit: 30, Window: "minute" } && c.Scope.Contains("orders-service", StringComparison.Ordinal));

        var examples = RouteExamples.Of(entities, new KongVersion(2, 8, 5), 1000);
        Assert.InRange(examples.Requests.Count, 100, 130);
        Assert.All(examples.Skipped, static s => Assert.True(s.Contains("TLS", StringComparison.Ordinal), s));
    }
}
