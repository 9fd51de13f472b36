using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Backup;

/// <summary>A complete, verified backup exists.</summary>
public sealed record BackupTaken : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Name of the backup within the cluster's catalogue.</summary>
    public required string BackupId { get; init; }

    /// <summary>Directory on the backup host.</summary>
    public required string Location { get; init; }

    /// <summary>SHA-256 of the manifest, hexadecimal.</summary>
    public required string ManifestDigest { get; init; }

    /// <summary>Size of all files.</summary>
    public required long Bytes { get; init; }

    /// <summary>Taken in the dump's own snapshot.</summary>
    public required ConfigurationFingerprint Fingerprint { get; init; }

    /// <summary>Whether it was restored into a scratch database and compared.</summary>
    public required bool RestoreTested { get; init; }

    /// <summary>What the backup lacks or what must be saved by hand, one sentence each. Default empty.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
