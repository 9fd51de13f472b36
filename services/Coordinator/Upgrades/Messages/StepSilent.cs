using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Coordinator.Upgrades.Messages;

/// <summary>The lease of a step has run out: its agent is silent, or nobody took it. The step is sent again.</summary>
public sealed record StepSilent
{
    public required StepRef Step { get; init; }

    /// <summary>Why, for the timeline.</summary>
    public required string Reason { get; init; }
}
