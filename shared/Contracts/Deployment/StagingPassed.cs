using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>Cluster Y answers all staging tests as it should.</summary>
public sealed record StagingPassed : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>How many tests were run; at least one.</summary>
    public required int Tests { get; init; }

    /// <summary>What could not be tested, and why.</summary>
    public required IReadOnlyList<string> Skipped { get; init; }
}
