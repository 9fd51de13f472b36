using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>Creates cluster Y's database, restores the backup into it without fence objects and proves byte-equality.</summary>
public sealed record RestoreDatabase : IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade.</summary>
    public required UpgradeSpec Spec { get; init; }

    /// <summary>Directory of the backup on this datacenter's backup host.</summary>
    public required string BackupLocation { get; init; }

    /// <summary>SHA-256 of the manifest, hexadecimal.</summary>
    public required string ManifestDigest { get; init; }

    /// <summary>Fingerprint taken in the dump's snapshot.</summary>
    public required ConfigurationFingerprint Expected { get; init; }
}
