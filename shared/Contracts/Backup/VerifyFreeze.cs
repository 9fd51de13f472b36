using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Backup;

/// <summary>Verifies that both fences hold and the configurations are unchanged.</summary>
public sealed record VerifyFreeze : IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade.</summary>
    public required UpgradeSpec Spec { get; init; }

    /// <summary>Of cluster X at freeze.</summary>
    public required ConfigurationFingerprint ExpectedX { get; init; }

    /// <summary>Of cluster Y after its start; null while there is no cluster Y.</summary>
    public ConfigurationFingerprint? ExpectedY { get; init; }
}
