using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Backup;

/// <summary>Looks at the write fences every few seconds until revoked. Ends only with a failure: a fence that does not hold, or that cannot be looked at for long.</summary>
public sealed record GuardFreeze : IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade.</summary>
    public required UpgradeSpec Spec { get; init; }

    /// <summary>The clusters whose fences must hold: X from the freeze on, Y as well from its start on.</summary>
    public required IReadOnlyList<ClusterSide> Sides { get; init; }
}
