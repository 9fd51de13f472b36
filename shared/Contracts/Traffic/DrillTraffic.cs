using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>Tries the way back before it is needed: the smallest split to cluster Y and back to cluster X, each way proven and timed. Clients' requests reach cluster Y meanwhile.</summary>
public sealed record DrillTraffic : IStepCommand
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
