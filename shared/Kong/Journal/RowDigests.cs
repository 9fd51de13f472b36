using KongUpgradeMesh.Kong.Databases;
using Npgsql;
using static KongUpgradeMesh.Kong.Databases.SqlCommands;

namespace KongUpgradeMesh.Kong.Journal;

/// <summary>Reads digests of single rows, column by column, made on the server: values never leave it.</summary>
internal static class RowDigests
{
    /// <summary>A column: its name, its type as SQL writes it, and the type's catalogue name.</summary>
    internal sealed record Column(string Name, string Type, string TypeName);

    public static async Task<ILookup<string, Column>> ColumnsAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT c.relname::text, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), t.typname::text
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
            """;
        var columns = await connection.ListAsync(
            sql, static r => (Table: r.GetString(0), Column: new Column(r.GetString(1), r.GetString(2), r.GetString(3))), cancellationToken, schema);
        return columns.ToLookup(static c => c.Table, static c => c.Column, StringComparer.Ordinal);
    }

    /// <summary>For each key that has a row, the digests of <paramref name="wanted"/> by column name; the position in <paramref name="keys"/> names the row.</summary>
    public static async Task<Dictionary<long, Dictionary<string, string>>> ReadAsync(
        NpgsqlConnection connection, string schema, string table, IReadOnlyCollection<Column> own, IReadOnlyList<string> keyColumns,
        IReadOnlyList<string?[]> keys, IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        var byName = own.ToDictionary(static c => c.Name, StringComparer.Ordinal);
        var hashes = table == "oauth2_credentials" && byName.ContainsKey("hash_secret");
        var match = string.Join(" AND ", keyColumns.Select((k, i) => $"t.{Quote(k)} = u.k{i}::{byName[k].Type}"));
        var digests = string.Join(", ", wanted.Select(w => Digest(byName[w], hashes && w == "client_secret")));
        var sql = $"""
            SELECT u.n, ARRAY[{digests}]::text[]
            FROM unnest({string.Join(", ", keyColumns.Select(static (_, i) => $"${i + 1}::text[]"))}) WITH ORDINALITY AS u({string.Join(", ", keyColumns.Select(static (_, i) => $"k{i}"))}, n)
            JOIN {Quote(schema)}.{Quote(table)} t ON {match}
            """;
        var parts = keyColumns.Select((_, i) => (object)keys.Select(k => k[i]).ToArray()).ToArray();
        var rows = await connection.ListAsync(sql, static r => (r.GetInt64(0), r.GetFieldValue<string[]>(1)), cancellationToken, parts);
        return rows.ToDictionary(static r => r.Item1 - 1, r => wanted.Zip(r.Item2).ToDictionary(static z => z.First, static z => z.Second, StringComparer.Ordinal));
    }

    // The secret itself is not compared where only its hash is stored: Kong hashes the same secret anew. A float's shortest text differs between servers.
    private static string Digest(Column column, bool isHashed)
    {
        var value = $"t.{Quote(column.Name)}";
        var text = column.TypeName is "float4" or "float8" ? $"float8send({value}::float8)::text" : $"{value}::text";
        var digest = $"CASE WHEN {value} IS NULL THEN '' ELSE encode(substring(sha256(convert_to({text}, 'UTF8')) FROM 1 FOR 16), 'hex') END";
        return isHashed ? $"CASE WHEN t.hash_secret THEN '' ELSE {digest} END" : digest;
    }
}
