using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>Sets a split and proves that it is in force.</summary>
public sealed record ShiftTraffic : IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade.</summary>
    public required UpgradeSpec Spec { get; init; }

    /// <summary>The split to set.</summary>
    public required TrafficSplit Split { get; init; }

    /// <summary>Number of the step, 1 for the first.</summary>
    public required int TrafficStep { get; init; }

    /// <summary>The split that the step began at; where less is found in force than that, the way begins there. Default all on X.</summary>
    public TrafficSplit RampFrom { get; init; } = TrafficSplit.AllOnX;

    /// <summary>How long the whole way from <see cref="RampFrom"/> to <see cref="Split"/> takes; a command that finds part of it done goes on from there. Default zero, at once.</summary>
    public TimeSpan Ramp { get; init; }

    /// <summary>Whether a split that somebody else set is replaced: a person has seen it and resumed the upgrade. Another upgrade's split never is. Default false.</summary>
    public bool OverForeign { get; init; }
}
