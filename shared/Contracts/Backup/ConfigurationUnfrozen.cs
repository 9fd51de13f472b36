using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Backup;

/// <summary>No object of the fence is left.</summary>
public sealed record ConfigurationUnfrozen : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Which clusters.</summary>
    public required IReadOnlyList<ClusterSide> Sides { get; init; }

    /// <summary>Writes refused on cluster X while it was frozen.</summary>
    public required long RefusedWrites { get; init; }

    /// <summary>Configuration tables of cluster X that differed from the freeze when it was lifted, if that could be compared; otherwise 0.</summary>
    public long DriftedTables { get; init; } = 0;

    /// <summary>Until when writes on cluster Y are recorded; null when they are not.</summary>
    public DateTimeOffset? JournalUntil { get; init; }
}
