using KongUpgradeMesh.BackupAgent.Freezing;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Takes a backup of cluster X, proves it by restoring it, and only then gives it its name.</summary>
public sealed class TakeBackupHandler(
    DatabaseDump dump,
    RestoreTest restoreTest,
    ClusterFiles clusterFiles,
    DeclarativeBackup declarative,
    SigningKeys signingKeys,
    BackupShelf shelf,
    TimeProvider clock,
    ILogger<TakeBackupHandler> logger) : IStepHandler<TakeBackup>
{
    /// <inheritdoc/>
    public async Task<IStepEvent> RunAsync(StepContext<TakeBackup> context, CancellationToken cancellationToken)
    {
        var command = context.Command;
        var catalog = new BackupCatalog(Path.GetFullPath(command.Spec.Backup.Directory), command.Spec.Cluster);
        try
        {
            using var keys = signingKeys.For(command.Spec.Backup);
            PrivateFiles.CreateDirectory(catalog.Root);
            shelf.RemovePartials(catalog, command.Step.UpgradeId);
            var backup = await FindAsync(catalog, command, keys, cancellationToken) ?? await TakeAsync(context, catalog, keys, cancellationToken);
            await StoreAsync(context, backup, cancellationToken);
            return Taken(context, backup);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Explain(catalog.Root, exception);
        }
    }

    private static BackupTaken Taken(StepContext<TakeBackup> context, StoredBackup backup) => new()
    {
        Step = context.Step,
        Agent = context.Agent,
        BackupId = backup.Manifest.BackupId,
        Location = backup.Location,
        ManifestDigest = backup.ManifestDigest,
        Bytes = backup.Bytes,
        Fingerprint = backup.Manifest.Fingerprint,
        RestoreTested = backup.Manifest.RestoreTested,
        Notes = backup.Manifest.Notes,
    };

    // A step that was done but whose event was lost is not done twice.
    private async Task<StoredBackup?> FindAsync(BackupCatalog catalog, TakeBackup command, BackupKeys keys, CancellationToken cancellationToken)
    {
        foreach (var candidate in catalog.List())
        {
            var manifest = candidate.Manifest;
            if (manifest.UpgradeId != command.Step.UpgradeId
                || manifest.Fingerprint.Root != command.Expected.Root
                || (command.Spec.Backup.RestoreTest && !manifest.RestoreTested)
                || manifest.Encryption?.KeyId != keys.Encryption?.Id)
            {
                continue;
            }

            try
            {
                return await BackupCatalog.OpenAsync(candidate.Location, null, keys.Signing, cancellationToken);
            }
            catch (StepFailedException exception)
            {
                logger.BackupDamaged(command.Step.UpgradeId, manifest.BackupId, exception);
            }
        }

        return null;
    }

    private async Task<StoredBackup> TakeAsync(StepContext<TakeBackup> context, BackupCatalog catalog, BackupKeys keys, CancellationToken cancellationToken)
    {
        var command = context.Command;
        var backupId = $"{clock.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}-{command.Step.UpgradeId:N}";
        var location = Path.Combine(catalog.Root, backupId);
        var partial = location + BackupLayout.PartialSuffix;
        PrivateFiles.CreateDirectory(partial);
        try
        {
            var manifest = await FillAsync(context, backupId, partial, keys, cancellationToken);
            Directory.Move(partial, location);
            if (manifest.RestoreTested)
            {
                await restoreTest.MarkCopyAsync(context.Command, backupId);
            }

            logger.BackupComplete(command.Step.UpgradeId, backupId, manifest.Files.Sum(static f => f.Bytes));
        }
        catch
        {
            shelf.Remove(partial);
            throw;
        }

        var backup = await BackupCatalog.OpenAsync(location, null, keys.Signing, cancellationToken);
        shelf.Retire(catalog, backup, command.Spec.Backup.Keep);
        return backup;
    }

    // After the backup is complete here: when the store fails, the next try finds it and only uploads.
    private static async Task StoreAsync(StepContext<TakeBackup> context, StoredBackup backup, CancellationToken cancellationToken)
    {
        if (context.Command.Spec.Backup.Store is not { } spec)
        {
            return;
        }

        await context.ReportAsync("copying the backup to the object store", 0.95, cancellationToken);
        using var store = new ObjectStore(spec, context.Command.Spec.Cluster, SecretReference.Resolve);
        await store.UploadAsync(backup, cancellationToken);
        await store.RetireAsync(context.Command.Spec.Backup.Keep, cancellationToken);
    }

    private async Task<BackupManifest> FillAsync(StepContext<TakeBackup> context, string backupId, string partial, BackupKeys keys, CancellationToken cancellationToken)
    {
        var command = context.Command;
        var x = new FrozenDatabase(command, ClusterSide.X, clock);
        await RequireFenceAsync(x, cancellationToken);
        await context.ReportAsync("dumping cluster X's database", 0.1, cancellationToken);
        var facts = await dump.TakeAsync(command, x.Database, partial, cancellationToken);
        var files = await clusterFiles.WriteAsync(command.Spec.From, partial, cancellationToken);
        List<string> notes = [.. files.Notes];
        var copy = await CopyAndProveAsync(context, partial, facts, notes, cancellationToken);
        await RequireFenceAsync(x, cancellationToken);
        await context.ReportAsync("sealing the backup", 0.9, cancellationToken);
        var manifest = new BackupManifest
        {
            Format = BackupManifest.CurrentFormat,
            BackupId = backupId,
            UpgradeId = command.Step.UpgradeId,
            Cluster = command.Spec.Cluster,
            TakenAt = facts.TakenAt,
            KongVersion = command.Spec.From.Version,
            ServerVersion = facts.ServerVersion,
            DumpProgram = facts.DumpProgram,
            DatabaseIdentity = facts.DatabaseIdentity,
            Schema = x.Database.Schema,
            Scope = FingerprintScope.Of(command.Spec.Freeze),
            Fingerprint = facts.Fingerprint,
            CompleteFingerprint = facts.CompleteFingerprint,
            Migrations = facts.Migrations,
            TablesWithoutRows = facts.TablesWithoutRows,
            RestoreTested = command.Spec.Backup.RestoreTest,
            Declarative = copy,
            Plugins = files.Plugins,
            Licenses = files.Licenses,
            Notes = notes,
            Files = [],
        };
        return await BackupSeal.SealAsync(partial, manifest, keys, cancellationToken);
    }

    // A large configuration takes the Admin API minutes, and so may the restore; X is frozen for the longer of the two.
    private async Task<DeclarativeCopy?> CopyAndProveAsync(StepContext<TakeBackup> context, string partial, DumpFacts facts, List<string> notes, CancellationToken cancellationToken)
    {
        var command = context.Command;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var copying = declarative.WriteAsync(command.Step.UpgradeId, command.Spec.From, partial, notes, stop.Token);
        try
        {
            if (command.Spec.Backup.RestoreTest)
            {
                await context.ReportAsync("restoring the dump into a scratch database, copying the configuration from the Admin API", 0.4, cancellationToken);
                await restoreTest.RunAsync(command, partial, facts, cancellationToken);
            }
        }
        catch
        {
            await stop.CancelAsync();
            await ((Task)copying).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        return await copying;
    }

    private static async Task RequireFenceAsync(FrozenDatabase x, CancellationToken cancellationToken)
    {
        await using var connection = await x.Database.OpenAdminAsync(cancellationToken);
        await x.Fence.RequireAsync(connection, cancellationToken);
    }

    private static StepFailedException Explain(string directory, Exception exception)
    {
        const long reserve = 1024 * 1024;
        var free = Directory.Exists(directory) ? new DriveInfo(directory).AvailableFreeSpace : long.MaxValue;
        return free < reserve ? BackupFailures.DiskSpaceLow(directory, free, reserve, exception) : BackupFailures.DirectoryUnusable(directory, exception);
    }
}
