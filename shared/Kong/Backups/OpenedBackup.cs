namespace KongUpgradeMesh.Kong.Backups;

/// <summary>A verified backup whose files can be read as they were before they were stored; disposal removes what was decrypted.</summary>
/// <param name="backup">The backup; its location is the directory with readable files.</param>
/// <param name="scratch">Where it was fetched and decrypted; nulls when it lies readable in its place.</param>
public sealed class OpenedBackup(StoredBackup backup, params IDisposable?[] scratch) : IDisposable
{
    /// <summary>The backup; its location is the directory with readable files.</summary>
    public StoredBackup Backup => backup;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var directory in scratch)
        {
            directory?.Dispose();
        }
    }
}
