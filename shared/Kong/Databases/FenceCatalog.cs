using KongUpgradeMesh.Contracts.Specs;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Reads from PostgreSQL's catalogue what of the fence there should be and what there is.</summary>
internal static class FenceCatalog
{
    /// <summary>A trigger of the fence as found.</summary>
    /// <param name="Schema">Schema of its table.</param>
    /// <param name="Table">Its table.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Argument">Its allowance.</param>
    /// <param name="Whole">Whether it fires always and for every kind of write it is meant for.</param>
    internal sealed record Trigger(string Schema, string Table, string Name, string Argument, bool Whole);

    public static Task<bool> SchemaExistsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1)", cancellationToken, FenceSql.Schema);

    public static async Task<Guid?> OwnerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await connection.ScalarAsync<bool>("SELECT pg_catalog.to_regclass($1) IS NOT NULL", cancellationToken, FenceSql.Stamp))
        {
            return null;
        }

        var owners = await connection.ListAsync($"SELECT upgrade_id FROM {FenceSql.Stamp}", static r => r.GetGuid(0), cancellationToken);
        return owners.Count == 1 ? owners[0] : null;
    }

    /// <summary>The tables to be fenced, each with what it lets through.</summary>
    public static async Task<SortedDictionary<string, Allowance>> ExpectedAsync(
        NpgsqlConnection connection, string schema, FreezeSpec freeze, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT c.relname::text, a.attname::text
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
              AND ((a.attname = 'ttl' AND a.atttypid = 'timestamptz'::regtype) OR (a.attname = 'hash_secret' AND a.atttypid = 'bool'::regtype))
            """;
        var tables = await KongTables.ClassifyAsync(connection, schema, cancellationToken);
        var columns = await connection.ListAsync(sql, static r => (Table: r.GetString(0), Column: r.GetString(1)), cancellationToken, schema);
        var expected = new SortedDictionary<string, Allowance>(StringComparer.Ordinal);
        foreach (var table in tables.FencedUnder(freeze))
        {
            expected[table] = table switch
            {
                "tags" => Allowance.Nested,
                "oauth2_credentials" when columns.Contains((table, "hash_secret")) => Allowance.Rehash,
                _ when columns.Contains((table, "ttl")) => Allowance.Expired,
                _ => Allowance.None,
            };
        }

        return expected;
    }

    /// <summary>Every trigger that calls a function of the fence's schema, on any table.</summary>
    public static Task<List<Trigger>> TriggersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // tgtype: 1 row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate (pg_trigger.h).
        const string sql = $"""
            SELECT n.nspname::text, c.relname::text, t.tgname::text,
                   pg_catalog.rtrim(pg_catalog.encode(t.tgargs, 'escape'), '\000'),
                   t.tgenabled = 'A' AND t.tgqual IS NULL AND t.tgattr::text = '' AND p.proname = 'refuse'
                     AND t.tgtype = CASE t.tgname WHEN '{FenceSql.RowTrigger}' THEN 31 WHEN '{FenceSql.TruncateTrigger}' THEN 34 END
            FROM pg_catalog.pg_trigger t
            JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
            JOIN pg_catalog.pg_namespace f ON f.oid = p.pronamespace
            WHERE f.nspname = '{FenceSql.Schema}' AND NOT t.tgisinternal
            ORDER BY 1, 2, 3
            """;
        return connection.ListAsync(
            sql,
            static r => new Trigger(r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), !r.IsDBNull(4) && r.GetBoolean(4)),
            cancellationToken);
    }

    /// <summary>Whether the function refuses as it was installed for the upgrade.</summary>
    public static async Task<bool> FunctionIsOursAsync(NpgsqlConnection connection, Guid upgradeId, CancellationToken cancellationToken)
    {
        const string sql = $"""
            SELECT p.prosrc FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = '{FenceSql.Schema}' AND p.proname = 'refuse' AND p.prosecdef
            """;
        var sources = await connection.ListAsync(sql, static r => r.GetString(0), cancellationToken);
        return sources.Count == 1 && sources[0] == FenceSql.Body(upgradeId);
    }

    /// <summary>Refused statements by table.</summary>
    public static async Task<SortedDictionary<string, long>> RefusedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT sequencename::text, last_value FROM pg_catalog.pg_sequences WHERE schemaname = $1 AND last_value IS NOT NULL
            """;
        var counts = await connection.ListAsync(sql, static r => KeyValuePair.Create(r.GetString(0), r.GetInt64(1)), cancellationToken, FenceSql.Schema);
        return new SortedDictionary<string, long>(new Dictionary<string, long>(counts), StringComparer.Ordinal);
    }

    /// <summary>Sessions that stand in the way of a lock on the tables, for people; no query text, which may hold secrets.</summary>
    public static Task<List<(string Line, bool Writes)>> BlockersAsync(NpgsqlConnection connection, string schema, string[] tables, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT pg_catalog.format('pid %s, role %s, %s, %s, transaction open since %s, %s on %s', a.pid, a.usename,
                     coalesce(nullif(a.application_name, ''), 'no application name'), coalesce(a.client_addr::text, 'local'),
                     coalesce(a.xact_start::text, '?'), l.mode, pg_catalog.string_agg(DISTINCT c.relname, ', ')),
                   l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
            FROM pg_catalog.pg_locks l
            JOIN pg_catalog.pg_class c ON c.oid = l.relation
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            WHERE l.granted AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
              AND n.nspname = $1 AND c.relname = ANY ($2) AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
              AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
            GROUP BY a.pid, a.usename, a.application_name, a.client_addr, a.xact_start, l.mode
            ORDER BY a.xact_start LIMIT 20
            """;
        return connection.ListAsync(sql, static r => (r.GetString(0), r.GetBoolean(1)), cancellationToken, schema, tables);
    }

    /// <summary>Sessions and prepared transactions that hold a write lock on the tables since before the fence was put up.</summary>
    public static Task<List<string>> OlderWritersAsync(NpgsqlConnection connection, string schema, string[] tables, CancellationToken cancellationToken)
    {
        const string sql = $"""
            SELECT DISTINCT pg_catalog.format('pid %s, role %s, %s, transaction open since %s', coalesce(a.pid::text, 'none (prepared transaction)'), a.usename,
                     coalesce(a.client_addr::text, 'local'), coalesce(a.xact_start::text, '?'))
            FROM pg_catalog.pg_locks l
            JOIN pg_catalog.pg_class c ON c.oid = l.relation
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            WHERE l.granted AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
              AND n.nspname = $1 AND c.relname = ANY ($2) AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
              AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
              AND coalesce(a.backend_type, 'client backend') = 'client backend'
              AND coalesce(a.xact_start, '-infinity') < (SELECT max(installed_at) FROM {FenceSql.Stamp})
            LIMIT 20
            """;
        return connection.ListAsync(sql, static r => r.GetString(0), cancellationToken, schema, tables);
    }
}
