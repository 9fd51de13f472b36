using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Backup;

/// <summary>The guard has seen every fence hold and goes on looking.</summary>
public sealed record FreezeGuarded : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>The clusters it looks at.</summary>
    public required IReadOnlyList<ClusterSide> Sides { get; init; }

    /// <summary>Time from one look to the next.</summary>
    public required TimeSpan Interval { get; init; }
}
