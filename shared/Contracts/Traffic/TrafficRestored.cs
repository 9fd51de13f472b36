using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>All traffic is on cluster X.</summary>
public sealed record TrafficRestored : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>What the load balancer reports; all on X.</summary>
    public required TrafficSplit Split { get; init; }

    /// <summary>From acceptance of the command to the proof.</summary>
    public required TimeSpan Took { get; init; }
}
