using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>All nodes of cluster Y are ready and its configuration is frozen.</summary>
public sealed record ClusterStarted : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Names of the nodes that are ready.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>Baseline of cluster Y's configuration.</summary>
    public required ConfigurationFingerprint Fingerprint { get; init; }
}
