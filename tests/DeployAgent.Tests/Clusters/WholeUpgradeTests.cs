using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.DeployAgent.Tests.Clusters;

/// <summary>The agent's steps, one after the other, on real processes and a real database.</summary>
public sealed class WholeUpgradeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Builds_cluster_Y_from_the_backup_and_retires_cluster_X()
    {
        await using var clusters = await TwoClusters.StartAsync(Token);
        var preflight = Assert.IsType<PreflightPassed>(await clusters.RunAsync(clusters.Preflight, Token));
        Assert.Equal("2.8.5", preflight.Facts["node x1 of X"]);

        var assessed = Assert.IsType<UpgradeAssessed>(await clusters.RunAsync(clusters.Assess, Token));
        Assert.InRange(assessed.RulesEvaluated, 40, 200);
        Assert.Contains(assessed.Counters, static c => c is { Plugin: "rate-limiting", Window: "minute", Limit: 10000 });

        var backup = await clusters.BackUpAsync(Token);
        var restored = Assert.IsType<DatabaseRestored>(await clusters.RunAsync(clusters.Restore(backup), Token));
        Assert.Equal(backup.Manifest.Fingerprint.Root, restored.Fingerprint.Root);

        var migrated = Assert.IsType<DatabaseMigrated>(await clusters.RunAsync(clusters.Migrate, Token));
        Assert.Contains("finish", migrated.Summary, StringComparison.Ordinal);
        Assert.Equal("nothing was left to do", Assert.IsType<DatabaseMigrated>(await clusters.RunAsync(clusters.Migrate, Token)).Summary);

        var started = Assert.IsType<ClusterStarted>(await clusters.RunAsync(clusters.Start, Token));
        Assert.True(await clusters.AskAsync<bool>("kong_y", "SELECT (config->>'status_code_metrics')::bool FROM plugins WHERE name = 'prometheus'", Token));
        Assert.Contains("kong_http_requests_total{", await clusters.GetAsync(new Uri(clusters.Spec.To.Nodes[0].Status!, "/metrics"), Token), StringComparison.Ordinal);
        await EnsureFencedAsync(clusters);
        var again = Assert.IsType<ClusterStarted>(await clusters.RunAsync(clusters.Start, Token));
        Assert.Equal(started.Fingerprint.Root, again.Fingerprint.Root);

        var staged = Assert.IsType<StagingPassed>(await clusters.RunAsync(clusters.Stage, Token));
        Assert.Equal(8, staged.Tests); // four route paths, each of two plugins with and without a credential
        Assert.Contains(staged.Skipped, static s => s.Contains("route write", StringComparison.Ordinal));

        await EnsureCarriedAsync(clusters);
        foreach (var side in new[] { ClusterSide.X, ClusterSide.X, ClusterSide.Y })
        {
            Assert.Equal(side, Assert.IsType<ClusterDecommissioned>(await clusters.RunAsync(clusters.Decommission(side), Token)).Side);
        }

        Assert.Equal(1L, await clusters.AskAsync<long>("kong_x", "SELECT count(*) FROM consumers", Token));
        Assert.Equal(0L, await clusters.AskAsync<long>("kong_y", "SELECT count(*) FROM pg_namespace WHERE nspname = 'kum_carry'", Token));
    }

    // Both clusters run and are frozen.
    private static async Task EnsureCarriedAsync(TwoClusters clusters)
    {
        const string counter = "ratelimiting_metrics WHERE identifier = 'carried'";
        await clusters.AskAsync<int>("kong_x", "INSERT INTO ratelimiting_metrics (identifier, period, period_date, value) VALUES ('carried', 'year', date_trunc('year', now(), 'UTC'), 5); SELECT 1", Token);
        for (var round = 0; round < 2; round++)
        {
            var carried = Assert.IsType<RuntimeStateCarried>(await clusters.RunAsync(clusters.Carry, Token));
            Assert.Empty(carried.Findings.Select(static f => f.Message));
            Assert.Contains(carried.Tables, static t => t.Table == "ratelimiting_metrics" && t.Read > 0);
            Assert.Equal(5, await clusters.AskAsync<int>("kong_y", $"SELECT value FROM {counter}", Token));
        }
    }

    private static async Task EnsureFencedAsync(TwoClusters clusters)
    {
        var y = new KongDatabase(clusters.Spec.To.Database, static s => s);
        await using var connection = await y.OpenAdminAsync(Token);
        var status = await new WriteFence(FenceOptions.Of(clusters.UpgradeId, y.Spec, new FreezeSpec()), TimeProvider.System).VerifyAsync(connection, Token);
        Assert.True(status.HoldsFor(clusters.UpgradeId), string.Join('\n', status.Defects));
    }
}
