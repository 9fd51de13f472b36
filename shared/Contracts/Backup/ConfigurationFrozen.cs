using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Backup;

/// <summary>No configuration of cluster X can be written any more.</summary>
public sealed record ConfigurationFrozen : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Of the frozen configuration.</summary>
    public required ConfigurationFingerprint Fingerprint { get; init; }

    /// <summary>How many tables are fenced.</summary>
    public required int FencedTables { get; init; }

    /// <summary>Tables the product does not know.</summary>
    public required IReadOnlyList<string> UnknownTables { get; init; }
}
