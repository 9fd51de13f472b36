using KongUpgradeMesh.Contracts;
using Npgsql;
using static KongUpgradeMesh.Kong.Databases.SqlCommands;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>The tables of one schema as a snapshot has them, and what a scope sees of each.</summary>
internal sealed class FingerprintCatalog
{
    private readonly ILookup<string, FingerprintColumn> _columns;
    private readonly TableClassification _tables;

    private FingerprintCatalog(ILookup<string, FingerprintColumn> columns)
    {
        _columns = columns;
        _tables = KongTables.Classify([.. columns.Select(static c => c.Key)]);
    }

    /// <summary>Reads the catalogue and prepares the transaction for digesting.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.DatabaseVersionTooOld"/>.</exception>
    public static async Task<FingerprintCatalog> ReadAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        DatabaseFailures.EnsureRecent(connection);
        await connection.ExecuteAsync(FingerprintSql.Settings, cancellationToken);
        var columns = await connection.ListAsync(
            FingerprintSql.Columns,
            static r => new FingerprintColumn(r.GetString(0), r.GetString(1), r.GetString(2), r.GetBoolean(3)), cancellationToken, schema);
        return new FingerprintCatalog(columns.ToLookup(static c => c.Table, StringComparer.Ordinal));
    }

    /// <summary>Names of the tables that any of the scopes covers, in ordinal order.</summary>
    public IEnumerable<string> TablesIn(IReadOnlyCollection<FingerprintScope> scopes) =>
        _tables.Configuration.Concat(_tables.Unknown).Where(table => scopes.Any(scope => Covers(scope, table))).Order(StringComparer.Ordinal);

    /// <summary>A column by name; null when the table or the column is not there.</summary>
    public FingerprintColumn? Column(string table, string name) => _columns[table].FirstOrDefault(c => c.Name == name);

    /// <summary>What <paramref name="scope"/> sees of a table; null when it does not cover the table or there is none.</summary>
    public TableView? View(string table, FingerprintScope scope)
    {
        if (!Covers(scope, table))
        {
            return null;
        }

        var masksSecret = !scope.IncludesPassing && table == "oauth2_credentials" && Column(table, "hash_secret") is not null;
        var columns = _columns[table].Where(c => !scope.MayDrift(table, c.Name)).OrderBy(static c => c.Name, StringComparer.Ordinal).ToList();
        return new TableView(
            [.. columns.Select(static c => c.Name)],
            [.. columns.Select(c => masksSecret && c.Name == "client_secret" ? "CASE WHEN hash_secret THEN NULL ELSE client_secret END" : FingerprintSql.Value(c))],
            FilterOf(table, scope));
    }

    private bool Covers(FingerprintScope scope, string table) =>
        _columns.Contains(table) && !scope.MayDrift(table) && !(scope.LeavesOutAcme && KongTables.WrittenByAcme.Contains(table))
        && (_tables.Configuration.Contains(table, StringComparer.Ordinal) || (scope.IncludesUnknown && _tables.Unknown.Contains(table, StringComparer.Ordinal)));

    private string FilterOf(string table, FingerprintScope scope)
    {
        if (table == "tags")
        {
            var owners = KongTables.Configuration.Where(t => _columns.Contains(t) && HasUnsteadyTags(t, scope)).Order(StringComparer.Ordinal).ToList();
            return owners.Count == 0 ? "" : $"(entity_name IS NULL OR entity_name NOT IN ({string.Join(", ", owners.Select(Literal))}))";
        }

        return scope.IncludesPassing || Column(table, "ttl") is not { Type: "timestamptz" } ? "" : "(ttl IS NULL)";
    }

    // Kong's triggers keep a row of tags for each row of these tables: it comes, goes and changes with its entity.
    private bool HasUnsteadyTags(string table, FingerprintScope scope) =>
        (scope.LeavesOutAcme && KongTables.WrittenByAcme.Contains(table))
        || scope.MayDrift(table) || scope.MayDrift(table, "tags")
        || (!scope.IncludesPassing && Column(table, "ttl") is not null);
}
