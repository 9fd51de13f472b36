using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using Npgsql;

namespace KongUpgradeMesh.Lab.Demo.Freeze;

/// <summary>Reads every second what the rate limiters have counted: a freeze must not stop them.</summary>
public sealed class CounterWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentQueue<CounterSample> _samples = new();
    private readonly UpgradeSpec _spec;
    private readonly TimeProvider _clock;
    private readonly Repetition _reading;

    /// <summary>Begins to read.</summary>
    public CounterWatch(UpgradeSpec spec, TimeProvider clock)
    {
        _spec = spec;
        _clock = clock;
        _reading = new Repetition(ReadAsync, Interval, clock);
        _reading.Start();
    }

    /// <summary>What was read so far.</summary>
    public IReadOnlyList<CounterSample> Samples => [.. _samples];

    /// <summary>How much was counted on a side between two times; the limiters' own cleaning is not subtracted.</summary>
    public long CountedBetween(ClusterSide side, DateTimeOffset from, DateTimeOffset to)
    {
        var sums = _samples.Where(s => s.Side == side && s.At >= from && s.At <= to).Select(static s => s.Sum).ToList();
        return sums.Zip(sums.Skip(1), static (earlier, later) => Math.Max(0, later - earlier)).Sum();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _reading.DisposeAsync();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await SampleAsync(ClusterSide.X, _spec.From.Database, cancellationToken);
        await SampleAsync(ClusterSide.Y, _spec.To.Database, cancellationToken);
    }

    private async Task SampleAsync(ClusterSide side, DatabaseSpec database, CancellationToken cancellationToken)
    {
        // The migrations of Y need the table for themselves, and Y's counters mean nothing before Y serves.
        if (side == ClusterSide.Y && !File.Exists(Path.Combine(_spec.To.Nodes[0].Prefix, "pids", "nginx.pid")))
        {
            return;
        }

        try
        {
            var sum = await LabDatabase.CountAsync(database, $"SELECT coalesce(sum(value), 0) FROM {database.Schema}.ratelimiting_metrics", cancellationToken);
            _samples.Enqueue(new CounterSample(_clock.GetUtcNow(), side, sum));
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            // A sample less; the samples themselves are the proof.
        }
    }
}
