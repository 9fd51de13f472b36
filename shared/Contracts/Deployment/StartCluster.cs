using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>Starts cluster Y's nodes, waits until they are ready, switches metrics on and fences cluster Y.</summary>
public sealed record StartCluster : IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade.</summary>
    public required UpgradeSpec Spec { get; init; }
}
