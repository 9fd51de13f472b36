using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Monitoring;

/// <summary>Watches both clusters until revoked and judges cluster Y for the step it names.</summary>
public sealed record WatchTraffic : IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade.</summary>
    public required UpgradeSpec Spec { get; init; }

    /// <summary>What the judgement is for.</summary>
    public required WatchPurpose Purpose { get; init; }

    /// <summary>The split in force; while a ramp goes on, the one it leads to.</summary>
    public required TrafficSplit Split { get; init; }

    /// <summary>The split that a ramp began at, so that anything between it and <see cref="Split"/> may be in force; null when no ramp goes on. Default null.</summary>
    public TrafficSplit? RampFrom { get; init; }

    /// <summary>Number of the traffic step; 0 before the first.</summary>
    public required int TrafficStep { get; init; }

    /// <summary>Findings that are shown but do not count. Default empty.</summary>
    public IReadOnlyList<VerdictOverride> Overrides { get; init; } = [];
}
