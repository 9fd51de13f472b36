using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>The upgrade has ended: the traffic agent lets go of the split, which stays as it is. Sent to the agent's queue, so that an agent that is away hears of it when it is back.</summary>
public sealed record ReleaseTraffic : IStepCommand
{
    /// <summary>Which step and which try this is; nothing older of the upgrade is carried out after it.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade.</summary>
    public required UpgradeSpec Spec { get; init; }
}
