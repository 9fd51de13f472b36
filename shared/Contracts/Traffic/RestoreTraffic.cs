using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>Puts all traffic on cluster X, whatever is in force; needs the load balancer alone.</summary>
public sealed record RestoreTraffic : IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade.</summary>
    public required UpgradeSpec Spec { get; init; }

    /// <summary>Why, for the log.</summary>
    public required string Reason { get; init; }
}
