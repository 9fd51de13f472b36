using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Who stands in the way of a lock on Kong's tables.</summary>
internal static class LockHolders
{
    // Of lock modes: SHARE ROW EXCLUSIVE, which puts triggers up, conflicts with all but the first two; ACCESS EXCLUSIVE, which removes them, with all.
    private const string Holders = """
        FROM pg_catalog.pg_locks l
        JOIN pg_catalog.pg_class c ON c.oid = l.relation
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
        WHERE l.granted AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
          AND n.nspname = $1 AND c.relname = ANY ($2) AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
          AND ($3 OR l.mode NOT IN ('AccessShareLock', 'RowShareLock'))
        """;

    /// <summary>The sessions, one a line, for people; no query text, which may hold secrets.</summary>
    public static Task<List<(string Line, bool Writes)>> DescribeAsync(
        NpgsqlConnection connection, string schema, string[] tables, bool withReaders, CancellationToken cancellationToken)
    {
        const string sql = $"""
            SELECT pg_catalog.format('pid %s, role %s, %s, %s, transaction open since %s, %s on %s', coalesce(a.pid::text, 'none (prepared transaction)'), a.usename,
                     coalesce(nullif(a.application_name, ''), 'no application name'), coalesce(a.client_addr::text, 'local'),
                     coalesce(a.xact_start::text, '?'), l.mode, pg_catalog.string_agg(DISTINCT c.relname, ', ')),
                   l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
            {Holders}
            GROUP BY a.pid, a.usename, a.application_name, a.client_addr, a.xact_start, l.mode
            ORDER BY a.xact_start LIMIT 20
            """;
        return connection.ListAsync(sql, static r => (r.GetString(0), r.GetBoolean(1)), cancellationToken, schema, tables, withReaders);
    }

    /// <summary>Whether one of them has been at it for longer than <paramref name="age"/>; false also for what another role's statistics hide.</summary>
    public static Task<bool> AnyOlderAsync(
        NpgsqlConnection connection, string schema, string[] tables, bool withReaders, TimeSpan age, CancellationToken cancellationToken)
    {
        const string sql = $"SELECT EXISTS (SELECT 1 {Holders} AND (l.pid IS NULL OR a.xact_start < pg_catalog.clock_timestamp() - $4))";
        return connection.ScalarAsync<bool>(sql, cancellationToken, schema, tables, withReaders, age);
    }
}
