using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>The configuration was assessed; blockers without override end in <see cref="StepFailed"/> instead.</summary>
public sealed record UpgradeAssessed : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Breaking changes that apply, the severest first.</summary>
    public required IReadOnlyList<AssessmentFinding> Findings { get; init; }

    /// <summary>Counters and state whose two copies diverge during the split.</summary>
    public required IReadOnlyList<CounterImpact> Counters { get; init; }

    /// <summary>How many rules were evaluated.</summary>
    public required int RulesEvaluated { get; init; }
}
