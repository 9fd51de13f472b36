namespace KongUpgradeMesh.Kong.Databases;

/// <summary>A column of a table.</summary>
/// <param name="Table">Name of the table without schema.</param>
/// <param name="Name">Name of the column.</param>
/// <param name="Type">PostgreSQL's own name of the type, for example <c>timestamptz</c> or <c>_text</c>.</param>
/// <param name="IsBuiltIn">Whether the type belongs to PostgreSQL itself.</param>
internal sealed record FingerprintColumn(string Table, string Name, string Type, bool IsBuiltIn);
