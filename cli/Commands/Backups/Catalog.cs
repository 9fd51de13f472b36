using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.Cli.Commands.Backups;

/// <summary>The backups that a command works on: those on this host, or their copies in an object store.</summary>
/// <param name="backups">Complete backups of one cluster on this host.</param>
/// <param name="keys">What they are opened with.</param>
/// <param name="opener">Opens them.</param>
/// <param name="store">The object store; null works on this host's.</param>
/// <param name="spec">The spec; null when there is none.</param>
internal sealed class Catalog(BackupCatalog backups, BackupKeys keys, BackupOpener opener, ObjectStore? store, UpgradeSpec? spec) : IDisposable
{
    private const string Latest = "latest";

    public UpgradeSpec? Spec => spec;

    /// <summary>Whether a key was given that proves manifests.</summary>
    public bool ProvesSignatures => keys.Signing is not null;

    /// <summary>Complete backups, the newest first.</summary>
    public async Task<IReadOnlyList<StoredBackup>> ListAsync(CancellationToken cancellationToken) =>
        store is null ? backups.List() : await store.ListAsync(cancellationToken);

    /// <summary>The backup of this id, or the newest one for <c>latest</c>.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.CommandNotPossible"/> when there is none that is complete.</exception>
    public async Task<StoredBackup> FindAsync(string id, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(b => id == Latest || b.Manifest.BackupId == id)
        ?? throw new StepFailedException(new Failure
        {
            Code = FailureCodes.CommandNotPossible,
            Message = $"There is no complete backup {id}.",
            Remedy = "kum backups list shows those that are complete.",
        });

    /// <summary>Verifies a backup without reading what is in its files.</summary>
    public async Task VerifyAsync(StoredBackup backup, CancellationToken cancellationToken)
    {
        using var fetched = await FetchAsync(backup, cancellationToken);
        await BackupCatalog.OpenAsync(fetched?.Location ?? backup.Location, backup.ManifestDigest, keys.Signing, cancellationToken);
    }

    /// <summary>Verifies a backup and makes its files readable.</summary>
    public async Task<OpenedBackup> OpenAsync(StoredBackup backup, CancellationToken cancellationToken)
    {
        var fetched = await FetchAsync(backup, cancellationToken);
        try
        {
            var opened = await opener.OpenAsync(fetched?.Location ?? backup.Location, backup.ManifestDigest, keys, cancellationToken);
            return new OpenedBackup(opened.Backup, opened, fetched);
        }
        catch
        {
            fetched?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        keys.Dispose();
        store?.Dispose();
    }

    private async Task<ScratchDirectory?> FetchAsync(StoredBackup backup, CancellationToken cancellationToken) =>
        store is null ? null : await opener.FetchAsync(store, backup.Manifest.BackupId, cancellationToken);
}
