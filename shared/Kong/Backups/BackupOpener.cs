using System.Security.Cryptography;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>Opens backups for reading, encrypted or not.</summary>
/// <param name="scratchRoot">Directory of this host below which encrypted backups are decrypted; needs as much room as the backup. What crashed processes left there is removed with each opening.</param>
public sealed class BackupOpener(string scratchRoot)
{
    /// <summary>Verifies a backup and makes its files readable.</summary>
    /// <param name="location">Directory of the backup.</param>
    /// <param name="manifestDigest">Expected SHA-256 of the manifest; null accepts any.</param>
    /// <param name="keys">Keys of this host.</param>
    /// <param name="cancellationToken">Gives up, leaving nothing.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.BackupCorrupt"/>, <see cref="FailureCodes.SecretNotFound"/> without the right key, or <see cref="FailureCodes.DiskSpaceLow"/>.</exception>
    public async Task<OpenedBackup> OpenAsync(string location, string? manifestDigest, BackupKeys keys, CancellationToken cancellationToken)
    {
        var stored = await BackupCatalog.OpenAsync(location, manifestDigest, keys.Signing, cancellationToken);
        return await ReadAsync(stored, keys, cancellationToken);
    }

    /// <summary>Fetches a backup from an object store into a private directory, unverified; disposal removes it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="backupId">Name of the backup.</param>
    /// <param name="cancellationToken">Gives up, leaving nothing.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.BackupCorrupt"/>, <see cref="FailureCodes.BackupFailed"/> or <see cref="FailureCodes.DiskSpaceLow"/>.</exception>
    public async Task<ScratchDirectory> FetchAsync(ObjectStore store, string backupId, CancellationToken cancellationToken)
    {
        Sweep();
        ScratchDirectory? scratch = null;
        try
        {
            scratch = ScratchDirectory.Create(scratchRoot);
            await store.DownloadAsync(backupId, scratch.Location, cancellationToken);
            return scratch;
        }
        catch (Exception exception)
        {
            scratch?.Dispose();
            throw exception is IOException or UnauthorizedAccessException ? Unwritable(exception) : exception;
        }
    }

    /// <summary>Makes the files of a verified backup readable.</summary>
    /// <param name="stored">As <see cref="BackupCatalog"/> opened it.</param>
    /// <param name="keys">Keys of this host.</param>
    /// <param name="cancellationToken">Gives up, leaving nothing.</param>
    /// <exception cref="StepFailedException">As for <see cref="OpenAsync"/>.</exception>
    public async Task<OpenedBackup> ReadAsync(StoredBackup stored, BackupKeys keys, CancellationToken cancellationToken)
    {
        Sweep();
        if (stored.Manifest.Encryption is not { } encryption)
        {
            return new OpenedBackup(stored);
        }

        var key = KeyFor(encryption, keys.Encryption);
        ScratchDirectory? scratch = null;
        try
        {
            scratch = ScratchDirectory.Create(scratchRoot);
            EnsureSpace(stored);
            await DecryptAsync(stored, scratch.Location, key, cancellationToken);
            return new OpenedBackup(stored with { Location = scratch.Location }, scratch);
        }
        catch (Exception exception)
        {
            scratch?.Dispose();
            throw exception is IOException or UnauthorizedAccessException ? Unwritable(exception) : exception;
        }
    }

    /// <summary>Removes what crashed processes left decrypted; called when a service starts.</summary>
    /// <returns>How many directories were removed.</returns>
    public int Sweep() => ScratchDirectory.Sweep(scratchRoot);

    private static async Task DecryptAsync(StoredBackup stored, string target, EncryptionKey key, CancellationToken cancellationToken)
    {
        foreach (var file in stored.Manifest.Files)
        {
            var clear = Path.Combine(target, file.Path);
            PrivateFiles.CreateDirectory(Path.GetDirectoryName(clear)!);
            try
            {
                await FileEncryption.DecryptAsync(Path.Combine(stored.Location, file.Path), clear, key, BackupSeal.ContextOf(stored.Manifest.BackupId, file.Path), cancellationToken);
            }
            catch (CryptographicException exception)
            {
                throw new StepFailedException(
                    new Failure
                    {
                        Code = FailureCodes.BackupCorrupt,
                        Message = $"{file.Path} of the backup in {stored.Location} cannot be decrypted.",
                        Remedy = "Use another backup (kum backups list); this one cannot be trusted.",
                    },
                    exception);
            }
        }
    }

    private static EncryptionKey KeyFor(BackupEncryption encryption, EncryptionKey? key) =>
        encryption.Algorithm == FileEncryption.Algorithm && key?.Id == encryption.KeyId
            ? key
            : throw new StepFailedException(new Failure
            {
                Code = FailureCodes.SecretNotFound,
                Message = $"The backup is encrypted ({encryption.Algorithm}) with key {encryption.KeyId}; {(key is null ? "no key is given" : $"the key given is {key.Id}")}.",
                Remedy = "Let spec.backup.encryptionKey (or --encryption-key) refer to the key that the backup was made with.",
            });

    private void EnsureSpace(StoredBackup stored)
    {
        var free = new DriveInfo(scratchRoot).AvailableFreeSpace;
        if (free < stored.Bytes)
        {
            throw Full(stored.Bytes, free, null);
        }
    }

    private StepFailedException Unwritable(Exception exception)
    {
        const long reserve = 1024 * 1024;
        var free = Directory.Exists(scratchRoot) ? new DriveInfo(scratchRoot).AvailableFreeSpace : long.MaxValue;
        return free < reserve
            ? Full(reserve, free, exception)
            : new StepFailedException(
                new Failure
                {
                    Code = FailureCodes.RestoreFailed,
                    Message = $"The backup cannot be opened in {scratchRoot}.",
                    Remedy = "Make that directory writable for this user; then try again.",
                },
                exception);
    }

    private StepFailedException Full(long needed, long free, Exception? exception) => new(
        new Failure
        {
            Code = FailureCodes.DiskSpaceLow,
            Message = $"{scratchRoot} has {free / 1024 / 1024} MiB free; opening the backup needs {needed / 1024 / 1024} MiB.",
            Remedy = "Free space there; then try again. Nothing decrypted was left.",
        },
        exception);
}
