using KongUpgradeMesh.Lab.StandInKong.Configuration;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Storage;

/// <summary>The connection pool of one node, and what it has to know of the schema before it can speak to it.</summary>
internal sealed class KongDatabase : IAsyncDisposable
{
    private KongDatabase(NpgsqlDataSource source, Dictionary<string, HashSet<string>> columns, Guid workspaceId)
    {
        Source = source;
        Columns = columns;
        WorkspaceId = workspaceId;
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>Names of the columns by table. They depend on which release migrated the database last.</summary>
    public IReadOnlyDictionary<string, HashSet<string>> Columns { get; }

    /// <summary>The workspace <c>default</c>, in which all entities are.</summary>
    public Guid WorkspaceId { get; }

    public static async Task<KongDatabase> OpenAsync(KongConfiguration configuration, Flavour flavour, CancellationToken cancellationToken)
    {
        var source = new NpgsqlDataSourceBuilder(configuration.ConnectionString(flavour.IsThree ? "kong" : "")).Build();
        var columns = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        await using (var read = source.CreateCommand("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"))
        await using (var rows = await read.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                var table = rows.GetString(0);
                if (!columns.TryGetValue(table, out var names))
                {
                    columns[table] = names = new HashSet<string>(StringComparer.Ordinal);
                }

                names.Add(rows.GetString(1));
            }
        }

        // Kong makes the default workspace at its first start when it is missing.
        await using var workspace = source.CreateCommand("""
            WITH made AS (INSERT INTO workspaces (id, name) SELECT $1, 'default' WHERE NOT EXISTS (SELECT FROM workspaces WHERE name = 'default') RETURNING id)
            SELECT id FROM made UNION ALL SELECT id FROM workspaces WHERE name = 'default'
            """);
        workspace.Parameters.AddWithValue(Guid.NewGuid());
        var id = (Guid)(await workspace.ExecuteScalarAsync(cancellationToken))!;
        return new KongDatabase(source, columns, id);
    }

    /// <summary>Whether a query answers within Kong's default <c>pg_timeout</c>.</summary>
    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            await using var ping = Source.CreateCommand("SELECT 1");
            await ping.ExecuteScalarAsync(limit.Token);
            return true;
        }
        catch (Exception unreachable) when (unreachable is NpgsqlException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
