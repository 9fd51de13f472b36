namespace KongUpgradeMesh.Contracts.Steps;

/// <summary>The step is under way; shown to people, decides nothing.</summary>
public sealed record StepProgressed : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>What is being done now, a few words.</summary>
    public required string Activity { get; init; }

    /// <summary>How much is done, 0 to 1; null when it cannot be told.</summary>
    public double? Fraction { get; init; }
}
