using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>The split is in force.</summary>
public sealed record TrafficShifted : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>What the load balancer reports.</summary>
    public required TrafficSplit Split { get; init; }

    /// <summary>Number of the step.</summary>
    public required int TrafficStep { get; init; }

    /// <summary>Share of probes or requests seen on Y, 0 to 1; null when the driver cannot tell.</summary>
    public double? ObservedShareY { get; init; }

    /// <summary>The way there; null when the split was set at once.</summary>
    public TrafficRamp? Ramp { get; init; }
}
