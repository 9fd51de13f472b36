namespace KongUpgradeMesh.Contracts.Steps;

/// <summary>The agent has taken the step and begins to work; from now on its beats keep the lease.</summary>
public sealed record StepAccepted : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>The agent process that holds the step; a restarted process has another one.</summary>
    public required Guid InstanceId { get; init; }

    /// <summary>When it was accepted, by the agent's clock.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }
}
