using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>All nodes of the cluster have stopped.</summary>
public sealed record ClusterDecommissioned : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Which cluster.</summary>
    public required ClusterSide Side { get; init; }

    /// <summary>Names of the nodes that were stopped.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }
}
