namespace KongUpgradeMesh.Contracts.Steps;

/// <summary>The step ended without success, and the agent knows why.</summary>
public sealed record StepFailed : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>What happened and what fixes it.</summary>
    public required Failure Failure { get; init; }
}
