using static KongUpgradeMesh.Kong.Databases.NpgsqlCommands;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Builds the query that digests one table on the server.</summary>
internal static class FingerprintSql
{
    /// <summary>A column of a table.</summary>
    internal sealed record Column(string Table, string Name, string Type);

    /// <summary>How values become text must not depend on role, database or server settings; hidden rows must be an error. Reading may take long, waiting for a lock may not.</summary>
    public const string Settings = """
        SET LOCAL TimeZone = 'UTC';
        SET LOCAL DateStyle = 'ISO, YMD';
        SET LOCAL IntervalStyle = 'postgres';
        SET LOCAL bytea_output = 'hex';
        SET LOCAL extra_float_digits = 3;
        SET LOCAL xmlbinary = 'base64';
        SET LOCAL search_path = pg_catalog;
        SET LOCAL row_security = off;
        SET LOCAL statement_timeout = 0;
        SET LOCAL lock_timeout = 30000;
        """;

    public const string Columns = """
        SELECT c.relname::text, a.attname::text, t.typname::text
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        """;

    /// <summary>Row count and the sums of the two halves of each row's digest. Sums do not depend on order, see doubled rows, and need no memory.</summary>
    public static string Digest(string schema, string table, IEnumerable<Column> columns, string? filter)
    {
        var sorted = columns.OrderBy(static c => c.Name, StringComparer.Ordinal).ToList();
        var rehashed = filter is not null && table == "oauth2_credentials" && sorted.Any(static c => c.Name == "hash_secret");
        var values = string.Join(", ", sorted.Select(c => rehashed && c.Name == "client_secret"
            ? "CASE WHEN hash_secret THEN NULL ELSE client_secret END"
            : Value(c)));
        return $"""
            SELECT count(*), coalesce(sum({Half(1)}), 0)::text, coalesce(sum({Half(9)}), 0)::text
            FROM (SELECT sha256(convert_to((ROW({values}))::text, 'UTF8')) AS h
                  FROM {Quote(schema)}.{Quote(table)}{(string.IsNullOrEmpty(filter) ? "" : " WHERE " + filter)} OFFSET 0) d
            """;
    }

    /// <summary>Which rows of a table lasting configuration consists of; empty for all.</summary>
    public static string LastingRows(string table, IReadOnlyCollection<Column> columns, IReadOnlyCollection<string> passing)
    {
        if (table == "tags")
        {
            return passing.Count == 0 ? "" : $"entity_name IS NULL OR entity_name NOT IN ({string.Join(", ", passing.Select(Literal))})";
        }

        return columns.Any(static c => c is { Name: "ttl", Type: "timestamptz" }) ? "ttl IS NULL" : "";
    }

    // The shortest text of a float differs between PostgreSQL 11 and 12, its bytes do not.
    private static string Value(Column column) => column.Type is "float4" or "float8"
        ? $"float8send({Quote(column.Name)}::float8)"
        : Quote(column.Name);

    private static string Half(int from) => $"('x' || encode(substring(h FROM {from} FOR 8), 'hex'))::bit(64)::int8";
}
