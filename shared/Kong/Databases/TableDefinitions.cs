using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Digests the definition of tables, so that DDL, which fires no trigger, is noticed afterwards.</summary>
/// <remarks>
/// Straight from the catalogue, so no setting of the session counts, and only comparable within one database. Columns count with the transaction that last changed them
/// (<c>xmin</c>): <c>ALTER COLUMN … TYPE … USING</c> rewrites every value and may leave the same definition behind. Triggers do not count: the fence's are
/// looked at one by one, and Kong's own neither write past the fence nor are changed by Kong while it serves.
/// </remarks>
internal static class TableDefinitions
{
    private const string Sql = """
        SELECT c.relname::text, c.oid::text || '/' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(E'\n',
          c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, c.reloftype,
          (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attisdropped, a.xmin, d.adbin::text), E'\n' ORDER BY a.attnum)
           FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
           WHERE a.attrelid = c.oid AND a.attnum > 0),
          (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', k.conname, k.contype, k.condeferrable, k.condeferred, k.convalidated, k.conkey::text, k.confrelid, k.confkey::text,
                    k.confupdtype, k.confdeltype, k.confmatchtype, k.conbin::text), E'\n' ORDER BY k.conname)
           FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid),
          (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', x.relname, x.relam, i.indisunique, i.indisprimary, i.indkey::text, i.indclass::text, i.indcollation::text,
                    i.indoption::text, i.indexprs::text, i.indpred::text), E'\n' ORDER BY x.relname)
           FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid),
          (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', r.rulename, r.ev_type, r.ev_enabled, r.is_instead, r.ev_qual::text, r.ev_action::text), E'\n' ORDER BY r.rulename)
           FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid),
          (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', p.polname, p.xmin), E'\n' ORDER BY p.polname) FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid),
          (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', h.inhrelid, h.inhparent), E'\n' ORDER BY h.inhrelid, h.inhparent)
           FROM pg_catalog.pg_inherits h WHERE c.oid IN (h.inhrelid, h.inhparent))
          ), 'UTF8')), 'hex')
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
        """;

    /// <summary>Object id and digest of each table that exists.</summary>
    public static async Task<Dictionary<string, string>> ReadAsync(NpgsqlConnection connection, string schema, string[] tables, CancellationToken cancellationToken) =>
        new(await connection.ListAsync(Sql, static r => KeyValuePair.Create(r.GetString(0), r.GetString(1)), cancellationToken, schema, tables), StringComparer.Ordinal);

    /// <summary>What became of the tables of <paramref name="then"/>, one a line; empty when each is as it was and none was added.</summary>
    public static async Task<List<string>> CompareAsync(
        NpgsqlConnection connection, IReadOnlyDictionary<string, string> then, Dictionary<string, string> now, CancellationToken cancellationToken)
    {
        var findings = new List<string>();
        foreach (var (table, was) in then.OrderBy(static t => t.Key, StringComparer.Ordinal))
        {
            if (!now.TryGetValue(table, out var definition))
            {
                findings.Add(await GoneAsync(connection, table, was, cancellationToken));
            }
            else if (definition != was)
            {
                findings.Add(Oid(definition) == Oid(was) ? $"table {table}: definition changed" : $"table {table}: dropped and created anew");
            }
        }

        findings.AddRange(now.Keys.Where(t => !then.ContainsKey(t)).Order(StringComparer.Ordinal).Select(static t => $"table {t}: new since the fence was put up"));
        return findings;
    }

    private static async Task<string> GoneAsync(NpgsqlConnection connection, string table, string was, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT pg_catalog.format('%s.%s', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid::text = $1
            """;
        var names = await connection.ListAsync(sql, static r => r.GetString(0), cancellationToken, Oid(was));
        return names is [var name] ? $"table {table}: now {name}" : $"table {table}: gone";
    }

    private static string Oid(string definition) => definition[..definition.IndexOf('/', StringComparison.Ordinal)];
}
