using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Preflight.Writers;

/// <summary>Looks in cluster X's database for traces of who writes configuration. SELECT only, each statement bounded; what takes too long is left out and named.</summary>
internal sealed class WriterSurvey
{
    // A look must not burden a busy cluster: what needs longer than this is not worth it.
    private const string Bound = "SET statement_timeout = 3000";
    private const string Moment = "timestamptz";

    private readonly NpgsqlConnection _connection;
    private readonly KongTableReader _reader;
    private readonly string _schema;
    private readonly string[] _tables;
    private readonly List<string> _unseen = [];

    private WriterSurvey(NpgsqlConnection connection, string schema, string[] tables)
    {
        _connection = connection;
        _reader = new KongTableReader(connection, schema);
        _schema = schema;
        _tables = tables;
    }

    /// <summary>What took too long to look at, in words.</summary>
    public IReadOnlyList<string> Unseen => _unseen;

    public static async Task<WriterSurvey> BeginAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        var tables = await KongTables.ClassifyAsync(connection, schema, cancellationToken);
        await connection.ExecuteAsync(Bound, cancellationToken);
        return new WriterSurvey(connection, schema, [.. tables.Configuration]);
    }

    /// <summary>Sessions in this database, other than ours, whose role may write a configuration table.</summary>
    public async Task<IReadOnlyList<WriterSession>> SessionsAsync(CancellationToken cancellationToken)
    {
        // Columns of other roles' sessions are null for a role that is not in pg_read_all_stats; client_port tells a hidden address from a socket.
        const string sql = """
            SELECT a.usename::text, coalesce(a.application_name, ''),
                   CASE WHEN a.client_port = -1 THEN $4 ELSE pg_catalog.host(a.client_addr) END, count(*)
            FROM pg_catalog.pg_stat_activity a
            WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid() AND a.usesysid IS NOT NULL
              AND a.application_name IS DISTINCT FROM $3 AND coalesce(a.backend_type, 'client backend') = 'client backend'
              AND EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                          WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
                            AND pg_catalog.has_table_privilege(a.usesysid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """;
        return await OrNoneAsync("sessions", () => _reader.RowsAsync(
            sql,
            static r => new WriterSession(r.GetString(0), r.GetString(1), r.IsDBNull(2) ? null : r.GetString(2), r.GetInt64(3)),
            cancellationToken, _schema, _tables, KongDatabase.ApplicationName, WriterSession.Local)) ?? [];
    }

    /// <summary>Rows ever written, by table; deletes of tables whose rows expire are left out, because Kong does those by itself.</summary>
    public async Task<IReadOnlyDictionary<string, long>> WrittenRowsAsync(CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT s.relname::text, s.n_tup_ins + s.n_tup_upd
                   + CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = s.relid AND a.attname = 'ttl') THEN 0 ELSE s.n_tup_del END
            FROM pg_catalog.pg_stat_user_tables s WHERE s.schemaname = $1 AND s.relname = ANY ($2) AND s.relname <> 'tags'
            """;
        var rows = await OrNoneAsync("write counters", () => _reader.RowsAsync(
            sql, static r => KeyValuePair.Create(r.GetString(0), r.GetInt64(1)), cancellationToken, _schema, _tables));
        return new Dictionary<string, long>(rows ?? []);
    }

    /// <summary>The youngest <c>created_at</c> or <c>updated_at</c> of all configuration tables.</summary>
    public async Task<NewestChange?> NewestAsync(CancellationToken cancellationToken)
    {
        const string columns = """
            SELECT c.relname::text, pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ')
            FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = ANY ($2) AND a.attname IN ('created_at', 'updated_at') AND NOT a.attisdropped
              AND a.atttypid = $3::pg_catalog.regtype
            GROUP BY 1 ORDER BY 1
            """;
        NewestChange? newest = null;
        foreach (var (table, dates) in await _reader.RowsAsync(columns, static r => (r.GetString(0), r.GetString(1)), cancellationToken, _schema, _tables, Moment))
        {
            var ages = await OrNoneAsync($"the newest row of {table}", () => _reader.RowsAsync(
                $"SELECT extract(epoch FROM clock_timestamp() - max(greatest({dates})))::float8 FROM {{0}}.{SqlCommands.Quote(table)}",
                static r => r.IsDBNull(0) ? double.PositiveInfinity : r.GetDouble(0), cancellationToken));
            if (ages is [< double.PositiveInfinity and var age] && (newest is null || age < newest.Age.TotalSeconds))
            {
                newest = new NewestChange(table, TimeSpan.FromSeconds(age));
            }
        }

        return newest;
    }

    /// <summary>Tags in use, those of known tools first, at most 100.</summary>
    public async Task<IReadOnlyList<TagCount>> TagsAsync(CancellationToken cancellationToken) => !_tables.Contains("tags")
        ? []
        : await OrNoneAsync("tags", () => _reader.RowsAsync(
            "SELECT t.tag, count(*) FROM {0}.tags, unnest(tags) AS t(tag) GROUP BY 1 ORDER BY t.tag ~* $1 DESC, 2 DESC, 1 LIMIT 100",
            static r => new TagCount(r.GetString(0), r.GetInt64(1)), cancellationToken, WriterSigns.ToolTags)) ?? [];

    /// <summary>How many people have an account, by table.</summary>
    public async Task<IReadOnlyDictionary<string, long>> AccountsAsync(CancellationToken cancellationToken)
    {
        var accounts = new Dictionary<string, long>();
        foreach (var table in new[] { "admins", "developers" }.Intersect(_tables))
        {
            var counts = await OrNoneAsync(table, () => _reader.RowsAsync($"SELECT count(*) FROM {{0}}.{table}", static r => r.GetInt64(0), cancellationToken));
            accounts[table] = counts is [var count] ? count : 0;
        }

        return accounts;
    }

    // A look that is refused or takes too long leaves a gap that is named; an answer that does not come at all is a failure of the database.
    private async Task<List<T>?> OrNoneAsync<T>(string what, Func<Task<List<T>>> look)
    {
        try
        {
            return await look();
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.InsufficientPrivilege)
        {
            _unseen.Add(exception.SqlState == PostgresErrorCodes.QueryCanceled ? $"{what} (takes too long on {_connection.Database})" : $"{what} (not permitted)");
            return null;
        }
    }
}
