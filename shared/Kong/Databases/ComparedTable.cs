using KongUpgradeMesh.Contracts;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>One side of a <see cref="RowComparison"/>: a table in a snapshot, seen through a scope.</summary>
internal sealed class ComparedTable
{
    private readonly ConfigurationSnapshot _snapshot;
    private readonly string _table;

    private ComparedTable(ConfigurationSnapshot snapshot, string table, TableView? view, IReadOnlyList<FingerprintColumn> key) =>
        (_snapshot, _table, View, Key) = (snapshot, table, view, key);

    /// <summary>What the scope sees; null when there is no such table or the scope does not cover it.</summary>
    public TableView? View { get; }

    /// <summary>Columns of the primary key; empty when there is none.</summary>
    public IReadOnlyList<FingerprintColumn> Key { get; }

    private NpgsqlConnection Connection => RowComparison.ConnectionOf(_snapshot);

    /// <exception cref="StepFailedException">A database failure.</exception>
    public static async Task<ComparedTable> ReadAsync(ConfigurationSnapshot snapshot, string table, FingerprintScope scope, CancellationToken cancellationToken)
    {
        var connection = RowComparison.ConnectionOf(snapshot);
        try
        {
            var catalog = await FingerprintCatalog.ReadAsync(connection, snapshot.Schema, cancellationToken);
            var key = await connection.ListAsync(FingerprintSql.PrimaryKey, static r => r.GetString(0), cancellationToken, snapshot.Schema, table);
            return new ComparedTable(snapshot, table, catalog.View(table, scope), [.. key.Select(name => catalog.Column(table, name)!)]);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }

    /// <summary>Digests of the given columns of all rows in key order; null when there is no table.</summary>
    public async Task<RowStream?> OpenAsync(IReadOnlyList<FingerprintColumn> key, IReadOnlyList<string> columns, CancellationToken cancellationToken) => View is null
        ? null
        : await RowStream.OpenAsync(Connection, FingerprintSql.OrderedRows(_snapshot.Schema, _table, key, View.Only(columns)), key.Count, [], cancellationToken);

    /// <summary>A digest of each of the given columns, by <see cref="NameOf"/> of the row's key.</summary>
    public async Task<Dictionary<string, byte[][]>> DigestColumnsAsync(
        IReadOnlyList<FingerprintColumn> key, IReadOnlyList<string> columns, IReadOnlyCollection<byte[][]> rows, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, byte[][]>(StringComparer.Ordinal);
        if (rows.Count == 0 || View is null)
        {
            return found;
        }

        var wanted = rows.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        object first = FingerprintSql.IsUuid(key[0])
            ? rows.Select(static r => new Guid(r[0], bigEndian: true)).Distinct().ToArray()
            : rows.Select(static r => r[0]).ToArray();
        var sql = FingerprintSql.ColumnsOfRows(_snapshot.Schema, _table, key, View.Only(columns).Values);
        await using var stream = await RowStream.OpenAsync(Connection, sql, key.Count, [first], cancellationToken);
        while (await stream.MoveNextAsync(cancellationToken))
        {
            if (wanted.Contains(NameOf(stream.Key)))
            {
                found[NameOf(stream.Key)] = stream.Digests;
            }
        }

        return found;
    }

    /// <summary>A key as one string.</summary>
    public static string NameOf(byte[][] key) => string.Join('.', key.Select(Convert.ToHexString));
}
