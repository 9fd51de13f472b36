using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Configuration;
using KongUpgradeMesh.Lab.StandInKong.Proxy;
using KongUpgradeMesh.Lab.StandInKong.Schemas;
using KongUpgradeMesh.Lab.StandInKong.Storage;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Node;

/// <summary>
/// Holds the configuration in memory: read at the start, again at once after a write through this node,
/// and when the table of cluster events tells of a write through another node.
/// </summary>
internal sealed partial class SnapshotKeeper(EntityStore store, KongDatabase database, SchemaCatalog schemas, NodeIdentity node, KongConfiguration configuration, Flavour flavour, TimeProvider time, ILogger<SnapshotKeeper> log) : IDisposable
{
    private static readonly string[] Tables =
        ["services", "routes", "consumers", "plugins", "upstreams", "targets", "acls", "keyauth_credentials", "basicauth_credentials", "jwt_secrets"];

    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly HashSet<Guid> _seen = [];
    private long _wanted;
    private long _loaded;
    private DateTime _lastEvent;
    private volatile GatewaySnapshot? _current;

    public GatewaySnapshot Current => _current ?? throw new InvalidOperationException("the configuration has not been read yet");

    /// <summary>First reading; a node that cannot read does not start.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (var clock = database.Source.CreateCommand("SELECT now()"))
        {
            _lastEvent = (DateTime)(await clock.ExecuteScalarAsync(cancellationToken))!;
        }

        await LoadAsync(cancellationToken);
    }

    /// <summary>Returns when the configuration in memory is at least as new as this call. Calls that come together share one reading.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var mine = Interlocked.Increment(ref _wanted);
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_loaded >= mine)
            {
                return;
            }

            var upTo = Interlocked.Read(ref _wanted);
            await LoadAsync(cancellationToken);
            _loaded = upTo;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Asks for events of other nodes until it is cancelled; a database that is away is waited for.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(configuration.UpdateFrequency, time, cancellationToken);
            try
            {
                if (await HasNewsAsync(cancellationToken))
                {
                    await RefreshAsync(cancellationToken);
                }
            }
            catch (NpgsqlException unreachable)
            {
                LogPollFailed(unreachable.Message);
            }
        }
    }

    public void Dispose() => _loading.Dispose();

    // Events are looked for with an overlap, because a transaction may become visible after a later one.
    private async Task<bool> HasNewsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Source.CreateCommand("SELECT id, at FROM cluster_events WHERE at > $1 AND node_id <> $2 AND channel = 'invalidations' ORDER BY at");
        command.Parameters.AddWithValue(_lastEvent.AddSeconds(-10));
        command.Parameters.AddWithValue(node.Id);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var news = false;
        var visible = new HashSet<Guid>();
        while (await rows.ReadAsync(cancellationToken))
        {
            visible.Add(rows.GetGuid(0));
            news |= _seen.Add(rows.GetGuid(0));
            _lastEvent = rows.GetDateTime(1) > _lastEvent ? rows.GetDateTime(1) : _lastEvent;
        }

        _seen.IntersectWith(visible);
        return news;
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, List<JsonObject>>(StringComparer.Ordinal);
        foreach (var table in Tables)
        {
            rows[table] = await store.ListAsync(schemas.Entity(table), new EntityQuery(), cancellationToken);
        }

        _current = new GatewaySnapshot(rows, flavour, time.GetUtcNow());
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "[cluster_events] poll failed: {Reason}")]
    private partial void LogPollFailed(string reason);
}
