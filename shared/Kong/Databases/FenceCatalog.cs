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
    /// <param name="IsShaped">Whether it fires for every kind of write it is meant for.</param>
    /// <param name="IsOn">Whether it fires always.</param>
    /// <param name="Mark">See <see cref="FenceSql.Mark"/>.</param>
    internal sealed record Trigger(string Schema, string Table, string Name, string Argument, bool IsShaped, bool IsOn, string Mark);

    public static Task<bool> SchemaExistsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1)", cancellationToken, FenceSql.Schema);

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
        var sql = $"""
            SELECT n.nspname::text, c.relname::text, t.tgname::text,
                   pg_catalog.rtrim(pg_catalog.encode(t.tgargs, 'escape'), '\000'),
                   coalesce(t.tgqual IS NULL AND t.tgattr::text = '' AND p.proname = 'refuse'
                     AND t.tgtype = CASE t.tgname WHEN '{FenceSql.RowTrigger}' THEN 31 WHEN '{FenceSql.TruncateTrigger}' THEN 34 END, false),
                   t.tgenabled = 'A' AND c.relhastriggers,
                   {FenceSql.Mark("t")}
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
            static r => new Trigger(r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetBoolean(4), r.GetBoolean(5), r.GetString(6)),
            cancellationToken);
    }

    /// <summary>Mark of the function when it refuses as it was installed for the upgrade; null when it does not.</summary>
    public static async Task<string?> FunctionAsync(NpgsqlConnection connection, Guid upgradeId, CancellationToken cancellationToken)
    {
        var sql = $"""
            SELECT p.prosrc, {FenceSql.Mark("p")} FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = '{FenceSql.Schema}' AND p.proname = 'refuse' AND p.prosecdef
            """;
        var found = await connection.ListAsync(sql, static r => (Source: r.GetString(0), Mark: r.GetString(1)), cancellationToken);
        return found is [var function] && function.Source == FenceSql.Body(upgradeId) ? function.Mark : null;
    }

    /// <summary>Names and values of the fence's sequences that were used.</summary>
    public static async Task<Dictionary<string, long>> SequencesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT sequencename::text, last_value FROM pg_catalog.pg_sequences WHERE schemaname = $1 AND last_value IS NOT NULL
            """;
        return new(await connection.ListAsync(sql, static r => KeyValuePair.Create(r.GetString(0), r.GetInt64(1)), cancellationToken, FenceSql.Schema), StringComparer.Ordinal);
    }

    /// <summary>Refused statements by table.</summary>
    public static SortedDictionary<string, long> Refused(Dictionary<string, long> sequences) =>
        new(sequences.Where(static s => !RefusalRing.Owns(s.Key)).ToDictionary(), StringComparer.Ordinal);

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
