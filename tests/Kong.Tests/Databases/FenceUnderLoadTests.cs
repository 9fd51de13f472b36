using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>Sixty tables beside fifty busy sessions: put up soon or not at all, and nobody waits long for it.</summary>
public sealed class FenceUnderLoadTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Sessions = 50;
    private const int ControlSessions = 10;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly FreezeSpec Brief = new() { DrainTimeout = TimeSpan.FromSeconds(4) };

    // Its patience is counted on the clock, also while the machine stalls; the five seconds are not.
    private static readonly FreezeSpec Patient = new() { DrainTimeout = TimeSpan.FromMinutes(1) };
    private static readonly string[] Tables = [.. KongTables.Configuration.Order(StringComparer.Ordinal).Take(60)];

    [Fact]
    public async Task Is_put_up_within_five_seconds_and_holds_nobody_up()
    {
        var kong = await SixtyTablesAsync();
        await using var busy = await BusySessions.StartAsync(kong, Tables, Sessions, inOrder: true);
        await using var control = await ControlAsync();
        await WarmUpAsync(busy, control);

        using var pace = new Pace();
        var status = await kong.FreezeAsync(Patient);
        Report("put up", pace, busy, control);
        Assert.Equal(Tables.Length, status.TablesFenced);

        await TestKit.Eventually.HoldsAsync("writers are refused", () => Task.FromResult(busy.Refused > 0));
        Forget(busy, control);
        var before = pace.Elapsed;
        await kong.LiftAsync();
        Report("lifted", pace, busy, control, before, within: TimeSpan.FromMinutes(1));
        Assert.Equal(0L, await kong.ObjectsLeftAsync());
    }

    // Here a writer that holds one table and wants another stands off with the fence, until the fence gives way. It may have to give up.
    [Fact]
    public async Task Is_put_up_or_given_up_cleanly_beside_writers_in_any_order()
    {
        var kong = await SixtyTablesAsync();
        await using var busy = await BusySessions.StartAsync(kong, Tables, Sessions, inOrder: false);
        await using var control = await ControlAsync();
        await WarmUpAsync(busy, control);

        using var pace = new Pace();
        try
        {
            await kong.FreezeAsync(Brief);
            Report("put up", pace, busy, control);
            Assert.True((await kong.VerifyAsync()).HoldsFor(Fencing.Upgrade));
        }
        catch (StepFailedException exception)
        {
            Report("given up", pace, busy, control);
            Assert.Equal(FailureCodes.WritersNotDrained, exception.Failure.Code);
            Assert.Equal((0, 0L), (busy.Refused, await kong.ObjectsLeftAsync()));
        }
    }

    // Another role's statistics are hidden from the owner: then it cannot know that the writer is a long one, and has to find out by waiting.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Gives_up_behind_a_long_writer_and_leaves_nothing(bool hidden)
    {
        var kong = await SixtyTablesAsync();
        await using var writer = hidden ? await kong.OpenSuperuserAsync() : await kong.OpenAsync();
        await SmallKong.RunAsync(writer, $"BEGIN; UPDATE {Tables[30]} SET v = 0");
        await using var busy = await BusySessions.StartAsync(kong, [.. Tables.Where(static t => t != Tables[30])], Sessions, inOrder: true);
        await using var control = await ControlAsync();
        await WarmUpAsync(busy, control);

        using var pace = new Pace();
        var failure = await Assert.ThrowsAsync<StepFailedException>(() => kong.FreezeAsync(Brief));
        Report("given up", pace, busy, control);
        Assert.Equal(FailureCodes.WritersNotDrained, failure.Failure.Code);
        Assert.Equal((0, 0L), (busy.Refused, await kong.ObjectsLeftAsync()));
    }

    // The machine itself stalls a statement now and then; for how long, the sessions of a database without a fence show meanwhile. Twice that much may come on top of what the fence may cost.
    private void Report(string what, Pace pace, BusySessions busy, BusySessions control, TimeSpan begun = default, TimeSpan? within = null)
    {
        var took = pace.Elapsed - begun;
        var (longest, usual) = (busy.TakeLongest(), control.TakeLongest());
        output.WriteLine($"{Tables.Length} tables, {Sessions} sessions: {what} in {took.TotalMilliseconds:F0} ms; longest statement {longest.TotalMilliseconds:F0} ms, beside the fence {usual.TotalMilliseconds:F0} ms");
        Assert.True(took < (within ?? TimeSpan.FromSeconds(5)), $"{what} in {took}");
        Assert.True(longest <= Limit + (2 * usual), $"a statement took {longest.TotalMilliseconds:F0} ms; in a database without a fence none took more than {usual.TotalMilliseconds:F0} ms meanwhile");
    }

    private async Task<BusySessions> ControlAsync() => await BusySessions.StartAsync(await SixtyTablesAsync(), Tables, ControlSessions, inOrder: true);

    private static async Task WarmUpAsync(BusySessions busy, BusySessions control)
    {
        using var timer = new PeriodicTimer(WarmUp, TimeProvider.System);
        var before = busy.Statements;
        await timer.WaitForNextTickAsync();
        await Eventually.HoldsAsync("busy sessions", () => Task.FromResult(busy.Statements - before > Sessions));
        Forget(busy, control);
    }

    private static void Forget(params BusySessions[] sessions)
    {
        foreach (var each in sessions)
        {
            each.TakeLongest();
        }
    }

    private async Task<SmallKong> SixtyTablesAsync()
    {
        var kong = await SmallKong.CreateEmptyAsync(await postgres.ServerAsync(), "sixty");
        await kong.RunAsync(string.Concat(Tables.Select(t => $"CREATE TABLE {t} (id int PRIMARY KEY, v bigint NOT NULL); INSERT INTO {t} SELECT n, 0 FROM generate_series(0, {Sessions}) n;")));
        return kong;
    }
}
