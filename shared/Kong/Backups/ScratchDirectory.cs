namespace KongUpgradeMesh.Kong.Backups;

/// <summary>A private directory that is gone with its user: on disposal, or after a crash by the next <see cref="Sweep"/>. A locked file beside it tells that its process lives.</summary>
public sealed class ScratchDirectory : IDisposable
{
    private const string Prefix = "open-";
    private const string LockSuffix = ".lock";

    private readonly FileStream _lock;

    private ScratchDirectory(string path, FileStream @lock)
    {
        Location = path;
        _lock = @lock;
    }

    /// <summary>Path of the directory.</summary>
    public string Location { get; }

    /// <summary>Makes a new directory with mode 0700.</summary>
    /// <param name="root">Directory above it, made when missing; local to this host.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static ScratchDirectory Create(string root)
    {
        PrivateFiles.CreateDirectory(root);
        var path = Path.Combine(root, Prefix + Guid.NewGuid().ToString("N"));
        var held = new FileStream(path + LockSuffix, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        try
        {
            PrivateFiles.CreateDirectory(path);
            return new ScratchDirectory(path, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Removes what processes that are gone left behind.</summary>
    /// <param name="root">As for <see cref="Create"/>; need not exist.</param>
    /// <returns>How many directories were removed; one that cannot be is left for the next time.</returns>
    public static int Sweep(string root)
    {
        var removed = 0;
        foreach (var mark in Directory.Exists(root) ? Directory.GetFiles(root, Prefix + "*" + LockSuffix) : [])
        {
            try
            {
                using var free = new FileStream(mark, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                Remove(mark[..^LockSuffix.Length]);
                removed++;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Held by a process that lives, or not ours to remove.
            }
        }

        return removed;
    }

    /// <summary>Removes the directory; what cannot be removed is left for <see cref="Sweep"/>.</summary>
    public void Dispose()
    {
        try
        {
            Remove(Location);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The lock's file stays and, free from now on, tells the next sweep.
        }

        _lock.Dispose();
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        File.Delete(path + LockSuffix);
    }
}
