namespace KongUpgradeMesh.Kong.Databases;

/// <summary>What a scope sees of one table.</summary>
/// <param name="Columns">Names of the columns that count, in ordinal order.</param>
/// <param name="Values">The value of each of <see cref="Columns"/> as SQL.</param>
/// <param name="Filter">Condition for the rows that count, never null for a row; empty when all do.</param>
internal sealed record TableView(IReadOnlyList<string> Columns, IReadOnlyList<string> Values, string Filter)
{
    /// <summary>The binary form of a row, as SQL.</summary>
    public string Row { get; } = FingerprintSql.Row(Values);

    /// <summary>The same rows with the named columns only.</summary>
    public TableView Only(IReadOnlyCollection<string> columns)
    {
        var kept = Columns.Index().Where(c => columns.Contains(c.Item)).ToList();
        return new TableView([.. kept.Select(static c => c.Item)], [.. kept.Select(c => Values[c.Index])], Filter);
    }
}
