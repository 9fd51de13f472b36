using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>Cluster Y's database holds exactly what was frozen.</summary>
public sealed record DatabaseRestored : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Physical identity: system identifier, oid and name.</summary>
    public required string DatabaseIdentity { get; init; }

    /// <summary>Of the restored copy, equal to the expected one.</summary>
    public required ConfigurationFingerprint Fingerprint { get; init; }
}
