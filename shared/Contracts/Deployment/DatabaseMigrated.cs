using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary><c>kong migrations list</c> reports nothing new and nothing pending.</summary>
public sealed record DatabaseMigrated : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>What was executed, short.</summary>
    public required string Summary { get; init; }
}
