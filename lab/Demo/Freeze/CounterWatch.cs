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
    private readonly CancellationTokenSource _stop = new();
    private readonly UpgradeSpec _spec;
    private readonly TimeProvider _clock;
    private readonly Task _loop;

    /// <summary>Begins to read.</summary>
    public CounterWatch(UpgradeSpec spec, TimeProvider clock)
    {
        _spec = spec;
        _clock = clock;
        _loop = LoopAsync(_stop.Token);
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
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task LoopAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, _clock);
        do
        {
            await SampleAsync(ClusterSide.X, _spec.From.Database, cancellationToken);
            await SampleAsync(ClusterSide.Y, _spec.To.Database, cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
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
