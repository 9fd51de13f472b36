using System.Collections.Concurrent;
using KongUpgradeMesh.Lab.StandInKong.Storage;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary>
/// The counters of rate limits with policy "cluster": rows in <c>ratelimiting_metrics</c> that all nodes of the cluster share.
/// Increments are collected for a moment and written after the response, so that a request costs no write of its own.
/// </summary>
internal sealed partial class ClusterCounters(KongDatabase database, TimeProvider time, ILogger<ClusterCounters> log)
{
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<CounterKey, SharedCount> _counts = new();

    /// <summary>What all nodes together have counted, as far as this node knows.</summary>
    /// <exception cref="NpgsqlException">The database does not answer and the counter is not known yet, or its last write failed.</exception>
    public async ValueTask<long> ReadAsync(CounterKey key, CancellationToken cancellationToken)
    {
        if (_counts.TryGetValue(key, out var known))
        {
            return known.Failed ? throw new NpgsqlException("the last write of this counter failed") : known.Value;
        }

        await using var command = database.Source.CreateCommand("SELECT value FROM ratelimiting_metrics WHERE identifier = $1 AND period = $2 AND period_date = $3 AND service_id = $4 AND route_id = $5");
        Bind(command, key);
        var stored = await command.ExecuteScalarAsync(cancellationToken) is int value ? value : 0;
        return _counts.GetOrAdd(key, _ => new SharedCount(stored)).Value;
    }

    public void Add(CounterKey key) => _counts.GetOrAdd(key, _ => new SharedCount(0)).Add();

    /// <summary>Writes until it is cancelled, and once more then: what a stopping node has counted must not be lost.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(FlushInterval, time, cancellationToken);
                await FlushAsync(cancellationToken);
            }
        }
        finally
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(8), time);
            await FlushAsync(limit.Token);
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var (key, count) in _counts)
        {
            if (key.EndsAt < now.AddSeconds(-5) && count.Pending == 0)
            {
                _counts.TryRemove(key, out _);
                continue;
            }

            var pending = count.Take();
            if (pending == 0)
            {
                continue;
            }

            try
            {
                await using var command = database.Source.CreateCommand("""
                    INSERT INTO ratelimiting_metrics AS m (identifier, period, period_date, service_id, route_id, value, ttl)
                    VALUES ($1, $2, $3, $4, $5, $6, CURRENT_TIMESTAMP + $7)
                    ON CONFLICT (identifier, period, period_date, service_id, route_id) DO UPDATE SET value = m.value + EXCLUDED.value RETURNING value
                    """);
                Bind(command, key);
                command.Parameters.AddWithValue((int)pending);
                command.Parameters.AddWithValue(key.Length);
                count.Written((int)(await command.ExecuteScalarAsync(cancellationToken))!);
            }
            catch (Exception failed) when (failed is NpgsqlException or OperationCanceledException)
            {
                count.GiveBack(pending);
                LogNotWritten(failed.Message);
                return;
            }
        }
    }

    private static void Bind(NpgsqlCommand command, CounterKey key)
    {
        command.Parameters.AddWithValue(key.Identifier);
        command.Parameters.AddWithValue(key.Period);
        command.Parameters.AddWithValue(key.Start.UtcDateTime);
        command.Parameters.AddWithValue(key.ServiceId);
        command.Parameters.AddWithValue(key.RouteId);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "[kong] failed to increment: {Reason}")]
    private partial void LogNotWritten(string reason);

    private sealed class SharedCount(long stored)
    {
        private long _stored = stored;
        private long _pending;
        private int _failed;

        public long Value => Interlocked.Read(ref _stored) + Interlocked.Read(ref _pending);

        public long Pending => Interlocked.Read(ref _pending);

        public bool Failed => Volatile.Read(ref _failed) != 0;

        public void Add() => Interlocked.Increment(ref _pending);

        // What is taken stays visible in Value: it moves to the stored part at once.
        public long Take()
        {
            var pending = Interlocked.Exchange(ref _pending, 0);
            Interlocked.Add(ref _stored, pending);
            return pending;
        }

        public void Written(long value)
        {
            Interlocked.Exchange(ref _stored, value);
            Volatile.Write(ref _failed, 0);
        }

        public void GiveBack(long pending)
        {
            Interlocked.Add(ref _stored, -pending);
            Interlocked.Add(ref _pending, pending);
            Volatile.Write(ref _failed, 1);
        }
    }
}
