using KongUpgradeMesh.BackupAgent.Freezing;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.Tests.Databases;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace KongUpgradeMesh.Tests.BackupAgent;

public sealed class GuardingTests(PostgresFixture postgres)
{
    private readonly IdleClock _clock = new();

    [Theory]
    [InlineData("DROP TRIGGER kum_fence_rows ON plugins")]
    [InlineData("ALTER TABLE plugins DISABLE TRIGGER kum_fence_truncate")]
    [InlineData("DROP SCHEMA kum_fence CASCADE")]
    public async Task Says_that_the_fence_holds_and_ends_at_the_first_look_after_it_fell(string tampering)
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        await bench.FreezeAsync();
        var guard = bench.GuardAsync(_clock, CancellationToken.None, ClusterSide.X);
        var guarded = await SeesAsync<FreezeGuarded>(bench);
        Assert.Equal([ClusterSide.X], guarded.Sides);
        Assert.Equal(GuardFreezeHandler.Interval, guarded.Interval);
        await PassAsync(GuardFreezeHandler.Interval, 3);
        Assert.False(guard.IsCompleted);

        await kong.RunAsync(tampering);
        _clock.Advance(GuardFreezeHandler.Interval);
        var failure = await Bench.FailureOfAsync(() => guard.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal(FailureCodes.FenceNotHolding, failure.Code);
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public async Task Looks_at_the_fence_of_cluster_y_as_well()
    {
        var (x, y) = (await postgres.KongAsync(), await postgres.KongAsync());
        using var bench = new Bench(x.Spec, y.Spec);
        await bench.FreezeAsync();
        await bench.FenceAsync(y.Spec);
        var guard = bench.GuardAsync(_clock, CancellationToken.None, ClusterSide.X, ClusterSide.Y);
        await SeesAsync<FreezeGuarded>(bench);
        await y.RunAsync("DROP TRIGGER kum_fence_rows ON services");
        _clock.Advance(GuardFreezeHandler.Interval);
        Assert.Contains(y.Spec.Name, (await Bench.FailureOfAsync(() => guard.WaitAsync(TimeSpan.FromMinutes(2)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tells_of_refused_writes_once_a_minute()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        await bench.FreezeAsync();
        using var stop = new CancellationTokenSource();
        var guard = bench.GuardAsync(_clock, stop.Token, ClusterSide.X);
        await SeesAsync<FreezeGuarded>(bench);
        await Assert.ThrowsAsync<PostgresException>(() => kong.RunAsync("DELETE FROM services"));
        await PassUntilAsync("news of the refused write", () => bench.Publisher.Events.OfType<WritesRefused>().Any());
        await Assert.ThrowsAsync<PostgresException>(() => kong.RunAsync("DELETE FROM services"));
        await PassUntilAsync("news of the second one", () => bench.Publisher.Events.OfType<WritesRefused>().Count() == 2);
        Assert.Equal([1L, 2L], bench.Publisher.Events.OfType<WritesRefused>().Select(static r => r.Total));
        var writer = Assert.Single(bench.Publisher.Events.OfType<WritesRefused>().Last().Writers);
        Assert.Equal(("services", "DELETE", SmallKong.Owner, "127.0.0.1", 2), (writer.Table, writer.Operation, writer.Role, writer.ClientAddress, writer.Count));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => guard);
    }

    [Fact]
    public async Task A_database_that_cannot_be_asked_for_long_is_a_passing_failure_and_never_a_fence_that_holds()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec with { Port = LoopbackPorts.Take() });
        var began = _clock.GetUtcNow();
        var guard = bench.GuardAsync(_clock, CancellationToken.None, ClusterSide.X);
        await Eventually.HoldsAsync("the guard gives up", () =>
        {
            if (!guard.IsCompleted && _clock.Timers == 1)
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
            }

            return Task.FromResult(guard.IsCompleted);
        });
        var failure = await Bench.FailureOfAsync(() => guard);
        Assert.Equal((FailureCodes.DatabaseUnreachable, true), (failure.Code, failure.IsTransient));
        Assert.InRange(_clock.GetUtcNow() - began, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2));
        Assert.Empty(bench.Publisher.Events.OfType<FreezeGuarded>());
    }

    private static async Task<T> SeesAsync<T>(Bench bench) =>
        (await Eventually.ReachesAsync(typeof(T).Name, () => Task.FromResult(bench.Publisher.Events.OfType<T>().FirstOrDefault()), static seen => seen is not null))!;

    // A look that is under way has four seconds of this clock: time passes only between the looks, however long one takes on a busy machine.
    private Task PassUntilAsync(string what, Func<bool> holds) => Eventually.HoldsAsync(what, () =>
    {
        if (!holds() && _clock.Timers == 1)
        {
            _clock.Advance(GuardFreezeHandler.Interval);
        }

        return Task.FromResult(holds());
    });

    private async Task PassAsync(TimeSpan step, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _clock.Advance(step);
            await Task.Yield();
        }
    }

    /// <summary>Knows how many timers there are: one while the guard waits for its next look, one more while it looks.</summary>
    private sealed class IdleClock : FakeTimeProvider
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _timers);
            return new CountedTimer(base.CreateTimer(callback, state, dueTime, period), () => Interlocked.Decrement(ref _timers));
        }

        private sealed class CountedTimer(ITimer timer, Action disposed) : ITimer
        {
            private int _disposed;

            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

            public void Dispose()
            {
                timer.Dispose();
                if (Interlocked.Exchange(ref _disposed, 1) == 0)
                {
                    disposed();
                }
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
