namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>Where and how backups are kept.</summary>
public sealed record BackupSpec
{
    /// <summary>Directory on the backup agent's host; dumps never leave the datacenter.</summary>
    public required string Directory { get; init; }

    /// <summary>Parallel dump and restore jobs, 1 to 32. Default 2.</summary>
    public int Jobs { get; init; } = 2;

    /// <summary>How many backups of this cluster are kept, the newest first; 1 to 100. Default 3.</summary>
    public int Keep { get; init; } = 3;

    /// <summary>Whether each backup is restored into a scratch database before it counts. Default true.</summary>
    public bool RestoreTest { get; init; } = true;

    /// <summary>Reference to the EC key (P-256, PEM) that signs manifests: private on the backup agent's host, private or public where backups are only opened. Null: the backup agent signs with a key of its own, which it makes in its state directory, and the deploy agent relies on the digest that the backup agent reported.</summary>
    public string? SigningKey { get; init; }

    /// <summary>Reference to a key of 32 bytes in base64 that encrypts every file of the backup; both agents need it. Null: files are stored in clear, readable by the agent's user only.</summary>
    public string? EncryptionKey { get; init; }

    /// <summary>An object store that holds a copy of each backup, for the day on which the backup host is gone; null keeps backups in <see cref="Directory"/> only.</summary>
    public ObjectStoreSpec? Store { get; init; }
}
