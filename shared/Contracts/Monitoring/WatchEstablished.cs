using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Monitoring;

/// <summary>Positive evidence that every required side is observed.</summary>
public sealed record WatchEstablished : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>What was seen, for the timeline (nodes, request rates).</summary>
    public required IReadOnlyDictionary<string, double> Facts { get; init; }
}
