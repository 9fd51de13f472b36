using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts.Specs;
using Npgsql;

namespace KongUpgradeMesh.Lab.Demo.Freeze;

/// <summary>Digests cluster X's configuration every second with means of its own: the mesh's word for "nothing changed" is not taken.</summary>
public sealed class DriftWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // What the sample configuration fills.
    private static readonly string[] Tables =
        ["services", "routes", "upstreams", "targets", "consumers", "keyauth_credentials", "basicauth_credentials", "acls", "plugins"];

    private readonly ConcurrentQueue<ConfigurationDigest> _digests = new();
    private readonly DatabaseSpec _database;
    private readonly TimeProvider _clock;
    private readonly Repetition _looking;

    /// <summary>Prepares; nothing is read yet.</summary>
    public DriftWatch(DatabaseSpec database, TimeProvider clock)
    {
        (_database, _clock) = (database, clock);
        _looking = new Repetition(LookAsync, Interval, clock);
    }

    /// <summary>Begins to look.</summary>
    public void Start() => _looking.Start();

    /// <summary>Looks no more.</summary>
    public Task StopAsync() => _looking.StopAsync();

    /// <summary>How many tables differed from the first look at any look between two times; null when there were fewer than two looks.</summary>
    public int? ChangedBetween(DateTimeOffset from, DateTimeOffset to)
    {
        var seen = _digests.Where(d => d.BeganAt >= from && d.EndedAt <= to).ToList();
        return seen.Count < 2
            ? null
            : seen.Skip(1).SelectMany(later => later.Tables.Where(t => seen[0].Tables[t.Key] != t.Value).Select(static t => t.Key)).Distinct().Count();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _looking.DisposeAsync();

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var began = _clock.GetUtcNow();
        try
        {
            var tables = new Dictionary<string, string>();
            await using var connection = await LabDatabase.OpenAsync(_database, cancellationToken);
            foreach (var table in Tables)
            {
                await using var command = new NpgsqlCommand($"SELECT count(*) || ':' || coalesce(md5(string_agg(t::text, '|' ORDER BY id)), '') FROM {_database.Schema}.{table} t", connection);
                tables[table] = (string?)await command.ExecuteScalarAsync(cancellationToken) ?? "";
            }

            _digests.Enqueue(new ConfigurationDigest(began, _clock.GetUtcNow(), tables));
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            // A look less; too few looks are reported as unknown, not as unchanged.
        }
    }

    private sealed record ConfigurationDigest(DateTimeOffset BeganAt, DateTimeOffset EndedAt, IReadOnlyDictionary<string, string> Tables);
}
