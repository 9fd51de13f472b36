using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.Cli.Commands.Backups;

/// <summary>The backups that a command works on.</summary>
/// <param name="Backups">Complete backups of one cluster.</param>
/// <param name="Keys">What they are opened with.</param>
/// <param name="Opener">Opens them.</param>
/// <param name="Spec">The spec; null when there is none.</param>
internal sealed record Catalog(BackupCatalog Backups, BackupKeys Keys, BackupOpener Opener, UpgradeSpec? Spec) : IDisposable
{
    private const string Latest = "latest";

    /// <summary>The backup of this id, or the newest one for <c>latest</c>.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.CommandNotPossible"/> when there is none that is complete.</exception>
    public StoredBackup Find(string id) =>
        Backups.List().FirstOrDefault(b => id == Latest || b.Manifest.BackupId == id)
        ?? throw new StepFailedException(new Failure
        {
            Code = FailureCodes.CommandNotPossible,
            Message = $"{Backups.Root} holds no complete backup {id}.",
            Remedy = "kum backups list shows those that are complete.",
        });

    /// <summary>Verifies a backup and makes its files readable.</summary>
    public Task<OpenedBackup> OpenAsync(StoredBackup backup, CancellationToken cancellationToken) =>
        Opener.OpenAsync(backup.Location, backup.ManifestDigest, Keys, cancellationToken);

    public void Dispose() => Keys.Dispose();
}
