namespace KongUpgradeMesh.Kong.Backups;

/// <summary>A row of Kong's <c>schema_meta</c>: which migrations of a subsystem have run.</summary>
public sealed record MigrationState
{
    /// <summary><c>core</c> or the name of a plugin.</summary>
    public required string Subsystem { get; init; }

    /// <summary>The newest executed migration; null when none is noted.</summary>
    public required string? LastExecuted { get; init; }

    /// <summary>All executed migrations.</summary>
    public required IReadOnlyList<string> Executed { get; init; }

    /// <summary>Migrations that <c>kong migrations finish</c> still has to end; empty in a database fit for an upgrade.</summary>
    public required IReadOnlyList<string> Pending { get; init; }
}
