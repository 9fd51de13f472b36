namespace KongUpgradeMesh.Kong.Backups;

/// <summary>A complete backup on disk.</summary>
/// <param name="Location">Its directory.</param>
/// <param name="ManifestDigest">SHA-256 of its manifest, lower-case hexadecimal.</param>
/// <param name="Manifest">What it holds.</param>
public sealed record StoredBackup(string Location, string ManifestDigest, BackupManifest Manifest)
{
    /// <summary>Directory written by <c>pg_dump --format=directory</c>.</summary>
    public string DumpDirectory => Path.Combine(Location, BackupLayout.Dump);

    /// <summary>List for <c>pg_restore --use-list</c>: everything but the write fence and what only a superuser may restore.</summary>
    public string RestoreList => Path.Combine(Location, BackupLayout.RestoreList);

    /// <summary>Size of all files but the manifest.</summary>
    public long Bytes => Manifest.Files.Sum(static f => f.Bytes);
}
