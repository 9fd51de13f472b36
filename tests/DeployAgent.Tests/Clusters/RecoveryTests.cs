using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.DeployAgent.Tests.Clusters;

/// <summary>What a repeat does after a crash at an awkward moment, and what a broken copy looks like.</summary>
public sealed class RecoveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resumes_every_step_and_finds_a_route_that_got_lost()
    {
        await using var clusters = await TwoClusters.StartAsync(Token);
        var backup = await clusters.BackUpAsync(Token);
        Assert.Equal(FailureCodes.BackupCorrupt, (await clusters.FailAsync(clusters.Restore(backup) with { ManifestDigest = new string('0', 64) }, Token)).Code);
        await clusters.RunAsync(clusters.Restore(backup), Token);
        Assert.Equal(FailureCodes.MigrationFailed, (await clusters.FailAsync(clusters.Start, Token)).Code);
        Assert.IsType<DatabaseRestored>(await clusters.RunAsync(clusters.Restore(backup), Token));

        using (var migrations = await clusters.MigrationsOfYAsync(Token))
        {
            var up = await migrations.UpAsync(TimeSpan.FromMinutes(1), Token);
            Assert.True(up.Succeeded, up.Output + up.Error);
        }

        var migrated = Assert.IsType<DatabaseMigrated>(await clusters.RunAsync(clusters.Migrate, Token));
        Assert.StartsWith("finish", migrated.Summary, StringComparison.Ordinal);

        await clusters.AskAsync<int>("kong_y", "DELETE FROM plugins WHERE route_id IN (SELECT id FROM routes WHERE name = 'open'); DELETE FROM routes WHERE name = 'open'; SELECT 1", Token);
        await clusters.RunAsync(clusters.Start, Token);
        using (var crashed = System.Diagnostics.Process.GetProcessById(clusters.ProcessOfY))
        {
            crashed.Kill();
            await crashed.WaitForExitAsync(Token);
        }

        Assert.IsType<ClusterStarted>(await clusters.RunAsync(clusters.Start, Token));

        clusters.Spec = clusters.Spec with { Staging = new StagingSpec { Checks = [new HttpCheckSpec { Name = "home", Path = "/open", ExpectStatus = 200 }] } };
        var failure = await clusters.FailAsync(clusters.Stage, Token);
        Assert.Equal(FailureCodes.StagingFailed, failure.Code);
        Assert.Contains("route open /open: GET /open: X 200, Y 404 without a route", failure.Details);
        Assert.Contains("check home on node y1: expected 200, Y 404 without a route", failure.Details);
        Assert.All(failure.Details, static d => Assert.DoesNotContain(TwoClusters.Key, d, StringComparison.Ordinal));

        clusters.Spec = clusters.Spec with { Staging = new StagingSpec { Generated = false } };
        Assert.Equal(FailureCodes.StagingFailed, (await clusters.FailAsync(clusters.Stage, Token)).Code);
    }
}
