using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>The load balancer is ready to be driven.</summary>
public sealed record TrafficPrepared : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>The driver's name.</summary>
    public required string Driver { get; init; }

    /// <summary>What this driver cannot do or costs, for the plan.</summary>
    public required IReadOnlyList<string> Limits { get; init; }

    /// <summary>What is in force; all on X.</summary>
    public required TrafficSplit Split { get; init; }
}
