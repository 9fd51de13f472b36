namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>What was carried of one run-time table, by the try that came through when several were needed.</summary>
public sealed record CarriedTable
{
    /// <summary>Name of the table without schema.</summary>
    public required string Table { get; init; }

    /// <summary>Rows of cluster X that were looked at: those of windows that have not ended, tokens that have not expired.</summary>
    public required long Read { get; init; }

    /// <summary>Rows that cluster Y did not have.</summary>
    public required long Added { get; init; }

    /// <summary>Rows of cluster Y that were brought up: counters raised, tokens renewed.</summary>
    public required long Updated { get; init; }

    /// <summary>Rows taken from cluster Y because cluster X has them no more; 0 for counters.</summary>
    public required long Removed { get; init; }

    /// <summary>Rows that differ from what was carried before but were left as they are, because cluster Y has changed or removed its own; 0 for counters.</summary>
    public required long Skipped { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Took { get; init; }
}
