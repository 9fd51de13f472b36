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
}
