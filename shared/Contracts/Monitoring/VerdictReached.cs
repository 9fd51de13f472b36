using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Monitoring;

/// <summary>The judgement has changed, or its first one was reached.</summary>
public sealed record VerdictReached : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>The judgement.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What the judgement is for, copied from the command.</summary>
    public required WatchPurpose Purpose { get; init; }

    /// <summary>The traffic step that was judged.</summary>
    public required int TrafficStep { get; init; }

    /// <summary>The evidence, the worst first.</summary>
    public required IReadOnlyList<VerdictFinding> Findings { get; init; }

    /// <summary>Requests seen on X since the step began.</summary>
    public required long RequestsX { get; init; }

    /// <summary>Requests seen on Y since the step began.</summary>
    public required long RequestsY { get; init; }

    /// <summary>For a failed verdict: time from the first bad sample to the verdict; zero otherwise.</summary>
    public TimeSpan BreachFor { get; init; } = TimeSpan.Zero;
}
