namespace KongUpgradeMesh.Kong.Backups;

/// <summary>Completes a directory with the contents of a backup: encrypts its files where wanted, digests them, writes signature and manifest, the manifest last.</summary>
public static class BackupSeal
{
    private const string EncryptingSuffix = ".encrypting";

    /// <summary>Seals the directory; nothing in it may change afterwards.</summary>
    /// <param name="directory">Directory of the backup under its partial name.</param>
    /// <param name="manifest">What it holds; its files, encryption and format are filled in here.</param>
    /// <param name="keys">Keys to sign and encrypt with; a missing one leaves that out.</param>
    /// <param name="cancellationToken">Gives up; the directory is then neither clear nor sealed and must be removed.</param>
    /// <returns>The manifest that was written.</returns>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static async Task<BackupManifest> SealAsync(string directory, BackupManifest manifest, BackupKeys keys, CancellationToken cancellationToken)
    {
        if (keys.Encryption is { } encryption)
        {
            await EncryptAsync(directory, manifest.BackupId, encryption, cancellationToken);
        }

        var complete = manifest with
        {
            Format = BackupManifest.CurrentFormat,
            Encryption = keys.Encryption is { } key ? new BackupEncryption(FileEncryption.Algorithm, key.Id) : null,
            Files = await BackupCatalog.DigestAsync(directory, cancellationToken),
        };
        var bytes = complete.ToBytes();
        if (keys.Signing is { } signing)
        {
            await WriteAsync(Path.Combine(directory, BackupLayout.Signature), signing.Sign(bytes).ToBytes(), cancellationToken);
        }

        await WriteAsync(Path.Combine(directory, BackupLayout.Manifest), bytes, cancellationToken);
        return complete;
    }

    /// <summary>What a file is to its encryption.</summary>
    /// <param name="backupId">Name of the backup.</param>
    /// <param name="path">Path below the backup's directory, with <c>/</c>.</param>
    internal static string ContextOf(string backupId, string path) => $"{backupId}/{path}";

    private static async Task EncryptAsync(string directory, string backupId, EncryptionKey key, CancellationToken cancellationToken)
    {
        foreach (var clear in Directory.GetFiles(directory, "*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(directory, clear);
            await FileEncryption.EncryptAsync(clear, clear + EncryptingSuffix, key, ContextOf(backupId, path), cancellationToken);
            File.Move(clear + EncryptingSuffix, clear, overwrite: true);
        }
    }

    private static async Task WriteAsync(string path, byte[] bytes, CancellationToken cancellationToken)
    {
        await using var file = PrivateFiles.Create(path);
        await file.WriteAsync(bytes, cancellationToken);
        file.Flush(flushToDisk: true);
    }
}
