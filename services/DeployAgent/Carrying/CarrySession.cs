using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Carrying;

/// <summary>A connection to each database: cluster X's can only read, cluster Y's never waits long for its nodes nor makes them wait.</summary>
internal sealed class CarrySession : IAsyncDisposable
{
    // Times and timestamps mean the same on both servers, whatever their settings. An agent that dies without a farewell leaves no lock for long.
    private const string Limits = """
        SET TimeZone = 'UTC'; SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '60s';
        SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
        """;

    /// <summary>For statements that may wait: the session's own <c>statement_timeout</c> ends them first, so that the server says why.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    private CarrySession(NpgsqlConnection x, NpgsqlConnection y, ClusterDatabases databases) => (X, Y, Databases) = (x, y, databases);

    public NpgsqlConnection X { get; }

    public NpgsqlConnection Y { get; }

    public ClusterDatabases Databases { get; }

    public string SchemaX => SqlCommands.Quote(Databases.X.Schema);

    public string SchemaY => SqlCommands.Quote(Databases.Y.Schema);

    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SameDatabase"/>, or a database cannot be reached.</exception>
    public static async Task<CarrySession> OpenAsync(ClusterDatabases databases, TimeSpan patience, CancellationToken cancellationToken)
    {
        var x = await databases.X.OpenAsync(cancellationToken);
        NpgsqlConnection? y = null;
        try
        {
            // The server refuses every write of this session, whatever statement it is given by mistake.
            await x.ExecuteAsync($"SET default_transaction_read_only = on; SET statement_timeout = {(long)patience.TotalMilliseconds};{Limits}", cancellationToken);
            y = await databases.Y.OpenAsync(cancellationToken);
            await y.ExecuteAsync($"SET statement_timeout = '30s';{Limits}", cancellationToken);

            // These very connections, not the names that led to them.
            DatabaseIdentity.EnsureDistinct(await DatabaseIdentity.ReadAsync(x, cancellationToken), await DatabaseIdentity.ReadAsync(y, cancellationToken));
            return new CarrySession(x, y, databases);
        }
        catch
        {
            await (y?.DisposeAsync() ?? ValueTask.CompletedTask);
            await x.DisposeAsync();
            throw;
        }
    }

    /// <summary>Columns that both clusters' versions of a table have, quoted; the others of cluster Y get their defaults.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.RuntimeStateNotCarried"/> when rows of one do not fit the other.</exception>
    public async Task<IReadOnlyList<string>> SharedColumnsAsync(string table, IEnumerable<string> required, CancellationToken cancellationToken)
    {
        var x = await ColumnsAsync(X, Databases.X.Schema, table, cancellationToken);
        var y = await ColumnsAsync(Y, Databases.Y.Schema, table, cancellationToken);
        var shared = y.Select(static c => c.Name).Where(n => x.Exists(c => c.Name == n)).ToList();
        var missing = required.Except(shared)
            .Concat(y.Where(c => c.IsDemanded && !shared.Contains(c.Name)).Select(static c => c.Name))
            .ToList();
        return missing.Count == 0 ? shared : throw CarryFailures.DoesNotFit(table, missing);
    }

    public async ValueTask DisposeAsync()
    {
        await X.DisposeAsync();
        await Y.DisposeAsync();
    }

    private static Task<List<(string Name, bool IsDemanded)>> ColumnsAsync(NpgsqlConnection connection, string schema, string table, CancellationToken cancellationToken) =>
        connection.ListAsync(
            """
            SELECT attname::text, attnotnull AND NOT atthasdef
            FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped ORDER BY attnum
            """,
            static r => (r.GetString(0), r.GetBoolean(1)), cancellationToken, schema, table);
}
