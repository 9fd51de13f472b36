using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.DeployAgent.Tests.Clusters;

/// <summary>The copy that proved a backup becomes cluster Y's database, but only if it is a copy of that very backup.</summary>
public sealed class AdoptionTests
{
    private const string OidOfY = "SELECT oid::bigint FROM pg_database WHERE datname = 'kong_y'";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_of_the_backup_is_taken_over_and_a_repeat_restores_anew()
    {
        await using var clusters = await TwoClusters.StartAsync(Token);
        var backup = await clusters.BackUpAsync(Token);
        var copy = await MakeCopyAsync(clusters, backup, backup.Manifest.BackupId);

        var restored = Assert.IsType<DatabaseRestored>(await clusters.RunAsync(clusters.Restore(backup), Token));
        Assert.Equal(backup.Manifest.Fingerprint.Root, restored.Fingerprint.Root);
        Assert.Equal(copy, await clusters.AskAsync<long>("postgres", OidOfY, Token));
        Assert.Equal(0L, await ScratchDatabasesAsync(clusters));

        await clusters.RunAsync(clusters.Restore(backup), Token);
        Assert.NotEqual(copy, await clusters.AskAsync<long>("postgres", OidOfY, Token));
        await clusters.RunAsync(clusters.Migrate, Token);
    }

    [Fact]
    public async Task A_copy_of_another_backup_is_dropped_and_never_taken_over()
    {
        await using var clusters = await TwoClusters.StartAsync(Token);
        var backup = await clusters.BackUpAsync(Token);
        var copy = await MakeCopyAsync(clusters, backup, "another");

        await clusters.RunAsync(clusters.Restore(backup), Token);
        Assert.NotEqual(copy, await clusters.AskAsync<long>("postgres", OidOfY, Token));
        Assert.Equal(0L, await ScratchDatabasesAsync(clusters));
    }

    /// <summary>As the backup agent leaves it: what was restored, under the upgrade's scratch name, marked with the backup.</summary>
    private static async Task<long> MakeCopyAsync(TwoClusters clusters, StoredBackup backup, string backupId)
    {
        await clusters.RunAsync(clusters.Restore(backup), Token);
        var oid = await clusters.AskAsync<long>("postgres", OidOfY, Token);
        await clusters.AskAsync<string?>("postgres", $"ALTER DATABASE kong_y RENAME TO \"{ScratchDatabase.Prefix}{clusters.UpgradeId:N}\"", Token);
        await ScratchDatabase.MarkCopyAsync(new KongDatabase(clusters.Spec.To.Database, static s => s), clusters.UpgradeId, backupId, Token);
        return oid;
    }

    private static Task<long> ScratchDatabasesAsync(TwoClusters clusters) =>
        clusters.AskAsync<long>("postgres", $"SELECT count(*) FROM pg_database WHERE datname LIKE '{ScratchDatabase.Prefix}%'", Token);
}
