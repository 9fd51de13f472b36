using System.Collections.Frozen;
using static KongUpgradeMesh.Kong.Databases.SqlCommands;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>The statements by which a server digests rows.</summary>
internal static class FingerprintSql
{
    /// <summary>Bytes of a row's SHA-256 that count.</summary>
    public const int DigestBytes = 16;

    /// <summary>How values become text must not depend on role, database or server settings; hidden rows must be an error. Reading may take long, waiting for a lock may not.</summary>
    /// <remarks>Compiling takes longer than it saves. Parallel workers send text in the database's own encoding, so they may help only where that is UTF8 already.</remarks>
    public const string Settings = """
        SET LOCAL TimeZone = 'UTC';
        SET LOCAL DateStyle = 'ISO, YMD';
        SET LOCAL IntervalStyle = 'postgres';
        SET LOCAL bytea_output = 'hex';
        SET LOCAL extra_float_digits = 3;
        SET LOCAL xmlbinary = 'base64';
        SET LOCAL lc_monetary = 'C';
        SET LOCAL search_path = pg_catalog;
        SET LOCAL row_security = off;
        SET LOCAL statement_timeout = 0;
        SET LOCAL lock_timeout = 30000;
        SET LOCAL jit = off;
        SELECT set_config('max_parallel_workers_per_gather', '0', true) WHERE current_setting('server_encoding') <> 'UTF8';
        """;

    public const string Columns = """
        SELECT c.relname::text, a.attname::text, t.typname::text, t.typnamespace = 'pg_catalog'::regnamespace
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        """;

    public const string PrimaryKey = """
        SELECT a.attname::text
        FROM pg_catalog.pg_index i
        CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, position)
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indisprimary AND n.nspname = $1 AND c.relname = $2
        ORDER BY k.position
        """;

    // Types whose binary form has been the same since PostgreSQL 11 and knows no setting; it costs a third of the text.
    // A type made by an extension or a person has an oid of its own in each database, which the binary form of a row would carry.
    private static readonly FrozenSet<string> SentInBinary = FrozenSet.ToFrozenSet(
    [
        "uuid", "text", "varchar", "bpchar", "bool", "int2", "int4", "int8", "float4", "float8", "numeric",
        "timestamptz", "timestamp", "date", "interval", "bytea", "json", "jsonb",
        "_uuid", "_text", "_varchar", "_bool", "_int2", "_int4", "_int8", "_timestamptz", "_json", "_jsonb",
    ], StringComparer.Ordinal);

    /// <summary>Reads the table once and sums row digests, each byte by itself: no sum overflows, none depends on the order of rows, and doubled rows count.</summary>
    /// <param name="schema">Schema of the table.</param>
    /// <param name="table">The table.</param>
    /// <param name="rows">The rows' forms to be digested; several when views differ in columns.</param>
    /// <param name="filter">Condition that parts the rows into two groups; empty for one group.</param>
    /// <param name="skipsOthers">Whether rows for which the filter does not hold are of no interest.</param>
    /// <returns>A statement with a row for each group: whether the filter holds, the number of rows, then <see cref="DigestBytes"/> sums for each of <paramref name="rows"/>.</returns>
    /// <remarks>The volatile function keeps the planner from digesting a row once for every sum, as <c>OFFSET 0</c> would; but it does not forbid parallel workers.</remarks>
    public static string Sums(string schema, string table, IReadOnlyList<string> rows, string filter, bool skipsOthers)
    {
        var digests = string.Join(", ", rows.Select(static (row, index) => $"sha256({row}) AS h{index}"));
        var sums = string.Concat(rows.SelectMany(static (_, index) => Enumerable.Range(0, DigestBytes).Select(at => $", coalesce(sum(get_byte(h{index}, {at})), 0)")));
        var grouped = filter.Length > 0 && !skipsOthers;
        return $"""
            SELECT {(grouped ? "counted" : "true")}, count(*){sums}
            FROM (SELECT {(grouped ? filter + " AS counted, " : "")}{digests}, pg_is_in_recovery() FROM {Quote(schema)}.{Quote(table)}{(skipsOthers ? Where(filter) : "")}) d
            {(grouped ? "GROUP BY counted" : "")}
            """;
    }

    /// <summary>The rows of a view in the order of their key, or of their digest where there is no key: the key's parts as bytes, then the row's digest.</summary>
    public static string OrderedRows(string schema, string table, IReadOnlyList<FingerprintColumn> key, TableView view)
    {
        var columns = string.Concat(key.Select(static k => KeyBytes(k) + ", "));
        var order = key.Count == 0 ? "1" : string.Join(", ", key.Select(KeyOrder));
        return $"SELECT {columns}substring(sha256({view.Row}) FROM 1 FOR {DigestBytes}) FROM {Quote(schema)}.{Quote(table)}{Where(view.Filter)} ORDER BY {order}";
    }

    /// <summary>A digest of each column by itself, of the rows whose key's first part is in the array parameter.</summary>
    public static string ColumnsOfRows(string schema, string table, IReadOnlyList<FingerprintColumn> key, IReadOnlyList<string> values)
    {
        var first = IsUuid(key[0]) ? $"{Quote(key[0].Name)} = ANY ($1)" : $"{KeyBytes(key[0])} = ANY ($1)";
        return $"""
            SELECT {string.Join(", ", key.Select(KeyBytes))}{string.Concat(values.Select(static v => $", sha256(record_send(ROW({v})))"))}
            FROM {Quote(schema)}.{Quote(table)} WHERE {first}
            """;
    }

    /// <summary>The binary form of a row made of these values.</summary>
    public static string Row(IEnumerable<string> values) => $"record_send(ROW({string.Join(", ", values)}))";

    /// <summary>A column's value in the form that is digested.</summary>
    public static string Value(FingerprintColumn column) =>
        column.IsBuiltIn && SentInBinary.Contains(column.Type) ? Quote(column.Name) : $"{Quote(column.Name)}::text";

    /// <summary>Whether a key's part is compared as the 16 bytes of a uuid, whose index then serves the order; every other type as its text.</summary>
    public static bool IsUuid(FingerprintColumn column) => column is { IsBuiltIn: true, Type: "uuid" };

    private static string Where(string filter) => filter.Length == 0 ? "" : $" WHERE {filter}";

    // Bytes sort the same on every server; text does not.
    private static string KeyBytes(FingerprintColumn column) =>
        IsUuid(column) ? $"uuid_send({Quote(column.Name)})" : $"convert_to({Quote(column.Name)}::text, 'UTF8')";

    private static string KeyOrder(FingerprintColumn column) => IsUuid(column) ? Quote(column.Name) : KeyBytes(column);
}
