using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.DeployAgent.Carrying;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.DeployAgent.Starting;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.DeployAgent.Restoring;

/// <summary>Makes cluster Y's database from the backup, or of the copy that proved the backup where it is still there. A repeat begins anew: what this upgrade made before is dropped, anything else is left alone.</summary>
internal sealed class RestoreDatabaseHandler(BackupOpener backups, DumpRestore restore, DeploymentDrivers drivers) : IStepHandler<RestoreDatabase>
{
    public async Task<IStepEvent> RunAsync(StepContext<RestoreDatabase> context, CancellationToken cancellationToken)
    {
        var command = context.Command;
        var databases = new ClusterDatabases(command.Spec);
        var target = new TargetDatabase(databases, context.Step.UpgradeId);
        await context.ReportAsync("verifying the backup", 0, cancellationToken);
        using var keys = BackupKeys.Of(command.Spec.Backup, SecretReference.Resolve);
        using var fetched = await FetchAsync(command, cancellationToken);
        var backup = await BackupCatalog.OpenAsync(fetched?.Location ?? command.BackupLocation, command.ManifestDigest, keys.Signing, cancellationToken);
        if (await target.InspectAsync(cancellationToken) == TargetState.Own)
        {
            await StopNodesAsync(command.Spec.To, cancellationToken);
        }

        await context.ReportAsync("creating the database of cluster Y", 0.2, cancellationToken);
        var adopted = await target.TryAdoptCopyAsync(backup.Manifest.BackupId, cancellationToken);
        if (!adopted)
        {
            await target.RecreateAsync(cancellationToken);
        }

        var identity = await databases.EnsureDistinctAsync(cancellationToken);
        if (!adopted)
        {
            await context.ReportAsync("restoring", 0.3, cancellationToken);
            using var opened = await backups.ReadAsync(backup, keys, cancellationToken);
            await restore.RunAsync(opened.Backup, databases.Y, command.Spec.Backup.Jobs, cancellationToken);
            await ScratchDatabase.DropAsync(databases.Y, context.Step.UpgradeId, cancellationToken);
        }

        await context.ReportAsync("comparing the copy with what was frozen", 0.9, cancellationToken);
        var fingerprint = await RestoredCopy.VerifyAsync(databases.Y, command.Spec.Freeze, command.Expected, backup.Manifest, cancellationToken);
        await CarrySchema.BeginAsync(databases.Y, cancellationToken);
        return new DatabaseRestored { Step = context.Step, Agent = context.Agent, DatabaseIdentity = identity.ToString(), Fingerprint = fingerprint };
    }

    // Without a directory that both agents share, the backup comes from the store.
    private async Task<ScratchDirectory?> FetchAsync(RestoreDatabase command, CancellationToken cancellationToken)
    {
        if (command.Spec.Backup.Store is not { } spec || Directory.Exists(command.BackupLocation))
        {
            return null;
        }

        using var store = new ObjectStore(spec, command.Spec.Cluster, SecretReference.Resolve);
        return await backups.FetchAsync(store, Path.GetFileName(command.BackupLocation), cancellationToken);
    }

    // Nodes of an earlier try; the procedure restores only while cluster X carries all traffic.
    private async Task StopNodesAsync(ClusterSpec cluster, CancellationToken cancellationToken)
    {
        foreach (var node in cluster.Nodes)
        {
            await drivers.For(cluster).StopAsync(cluster, node, cancellationToken);
        }
    }
}
