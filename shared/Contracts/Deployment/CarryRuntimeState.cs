using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>Carries what cluster X has counted and issued since the last time to cluster Y's database. Sent before each traffic step; reads X, writes Y only, may be repeated and run twice at once.</summary>
public sealed record CarryRuntimeState : IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade; <see cref="UpgradeSpec.RuntimeState"/> says what is carried.</summary>
    public required UpgradeSpec Spec { get; init; }
}
