using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>The traffic agent has let go of the split of an ended upgrade.</summary>
public sealed record TrafficReleased : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }
}
