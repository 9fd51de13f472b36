using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts.Specs;
using Npgsql;

namespace KongUpgradeMesh.Lab.Demo.Freeze;

/// <summary>Digests cluster X's configuration every second with means of its own: the mesh's word for "nothing changed" is not taken.</summary>
public sealed class DriftWatch(DatabaseSpec database, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // What the sample configuration fills.
    private static readonly string[] Tables =
        ["services", "routes", "upstreams", "targets", "consumers", "keyauth_credentials", "basicauth_credentials", "acls", "plugins"];

    private readonly ConcurrentQueue<ConfigurationDigest> _digests = new();
    private CancellationTokenSource? _stop;
    private Task _loop = Task.CompletedTask;

    /// <summary>Begins to look.</summary>
    public void Start()
    {
        if (_stop is null)
        {
            _stop = new CancellationTokenSource();
            _loop = LoopAsync(_stop.Token);
        }
    }

    /// <summary>Looks no more.</summary>
    public async Task StopAsync()
    {
        if (_stop is null)
        {
            return;
        }

        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _stop = null;
    }

    /// <summary>How many tables differed from the first look at any look between two times; null when there were fewer than two looks.</summary>
    public int? ChangedBetween(DateTimeOffset from, DateTimeOffset to)
    {
        var seen = _digests.Where(d => d.BeganAt >= from && d.EndedAt <= to).ToList();
        return seen.Count < 2
            ? null
            : seen.Skip(1).SelectMany(later => later.Tables.Where(t => seen[0].Tables[t.Key] != t.Value).Select(static t => t.Key)).Distinct().Count();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task LoopAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            await LookAsync(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetUtcNow();
        try
        {
            var tables = new Dictionary<string, string>();
            await using var connection = await LabDatabase.OpenAsync(database, cancellationToken);
            foreach (var table in Tables)
            {
                await using var command = new NpgsqlCommand($"SELECT count(*) || ':' || coalesce(md5(string_agg(t::text, '|' ORDER BY id)), '') FROM {database.Schema}.{table} t", connection);
                tables[table] = (string?)await command.ExecuteScalarAsync(cancellationToken) ?? "";
            }

            _digests.Enqueue(new ConfigurationDigest(began, clock.GetUtcNow(), tables));
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            // A look less; too few looks are reported as unknown, not as unchanged.
        }
    }

    private sealed record ConfigurationDigest(DateTimeOffset BeganAt, DateTimeOffset EndedAt, IReadOnlyDictionary<string, string> Tables);
}
