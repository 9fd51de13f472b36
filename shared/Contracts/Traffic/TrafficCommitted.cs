using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>All traffic is on cluster Y, and the load balancer holds the note that no agent takes it back by itself.</summary>
public sealed record TrafficCommitted : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>What the load balancer reports; all on Y.</summary>
    public required TrafficSplit Split { get; init; }
}
