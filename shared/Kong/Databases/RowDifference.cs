namespace KongUpgradeMesh.Kong.Databases;

/// <summary>One row in which two snapshots differ. Holds no value but those of the primary key.</summary>
/// <param name="Change">What became of the row.</param>
/// <param name="Key">Its primary key as text, in the order of <see cref="TableDifference.KeyColumns"/>; empty when the table has none.</param>
/// <param name="Columns">Of a changed row, the names of the columns that differ, in ordinal order; empty otherwise.</param>
public sealed record RowDifference(RowChange Change, IReadOnlyList<string> Key, IReadOnlyList<string> Columns);
