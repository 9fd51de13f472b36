namespace KongUpgradeMesh.Kong.Databases;

/// <summary>How one table differs between two snapshots, within a scope.</summary>
public sealed record TableDifference
{
    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary>Columns of the primary key; empty when the table has none, or another one in each snapshot. Then a changed row counts as one removed and one added, and no row can be named.</summary>
    public required IReadOnlyList<string> KeyColumns { get; init; }

    /// <summary>Columns that only the later snapshot has, in ordinal order; rows are compared without them. All columns when it alone has the table.</summary>
    public required IReadOnlyList<string> AddedColumns { get; init; }

    /// <summary>Columns that only the earlier snapshot has, in ordinal order; rows are compared without them. All columns when it alone has the table.</summary>
    public required IReadOnlyList<string> RemovedColumns { get; init; }

    /// <summary>Number of rows that only the later snapshot has.</summary>
    public required long Added { get; init; }

    /// <summary>Number of rows that only the earlier snapshot has.</summary>
    public required long Removed { get; init; }

    /// <summary>Number of rows that both have with different values.</summary>
    public required long Changed { get; init; }

    /// <summary>The first of these rows in the order of the primary key, as many as were asked for.</summary>
    public required IReadOnlyList<RowDifference> Rows { get; init; }

    /// <summary>Whether nothing differs.</summary>
    public bool IsEmpty => Added + Removed + Changed + AddedColumns.Count + RemovedColumns.Count == 0;
}
