namespace KongUpgradeMesh.Kong.Backups;

/// <summary>One file of a backup.</summary>
public sealed record BackupFile
{
    /// <summary>Path below the backup's directory, with <c>/</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Size.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the content, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }
}
