using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>Sixty tables beside fifty busy sessions: put up soon or not at all, and nobody waits long for it.</summary>
public sealed class FenceUnderLoadTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Sessions = 50;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Control = TimeSpan.FromSeconds(2);
    private static readonly string[] Tables = [.. KongTables.Configuration.Order(StringComparer.Ordinal).Take(60)];

    [Fact]
    public async Task Is_put_up_within_five_seconds_and_holds_nobody_up()
    {
        var kong = await SixtyTablesAsync();
        await using var busy = await BusySessions.StartAsync(kong, Tables, Sessions);
        var usual = await UsualAsync(busy);

        var started = TimeProvider.System.GetTimestamp();
        var status = await kong.FreezeAsync(new FreezeSpec { DrainTimeout = TimeSpan.FromSeconds(5) });
        var took = TimeProvider.System.GetElapsedTime(started);
        var longest = busy.TakeLongest();

        output.WriteLine($"fence on {status.TablesFenced} tables put up in {took.TotalMilliseconds:F0} ms; longest statement of {Sessions} sessions {longest.TotalMilliseconds:F0} ms, without the fence {usual.TotalMilliseconds:F0} ms");
        Assert.Equal(Tables.Length, status.TablesFenced);
        Assert.True(took < TimeSpan.FromSeconds(5), $"took {took}");
        AssertNotHeldUp(longest, usual);

        await WaitForRefusalsAsync(busy);
        busy.TakeLongest();
        started = TimeProvider.System.GetTimestamp();
        await kong.LiftAsync();
        took = TimeProvider.System.GetElapsedTime(started);
        longest = busy.TakeLongest();
        output.WriteLine($"lifted in {took.TotalMilliseconds:F0} ms; longest statement {longest.TotalMilliseconds:F0} ms");
        AssertNotHeldUp(longest, usual);
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
        await using var busy = await BusySessions.StartAsync(kong, [.. Tables.Where(static t => t != Tables[30])], Sessions);
        var usual = await UsualAsync(busy);

        var started = TimeProvider.System.GetTimestamp();
        var failure = await Assert.ThrowsAsync<StepFailedException>(() => kong.FreezeAsync(new FreezeSpec { DrainTimeout = TimeSpan.FromSeconds(3) }));
        var took = TimeProvider.System.GetElapsedTime(started);
        var longest = busy.TakeLongest();

        output.WriteLine($"given up after {took.TotalMilliseconds:F0} ms; longest statement of {Sessions} sessions {longest.TotalMilliseconds:F0} ms, without the fence {usual.TotalMilliseconds:F0} ms");
        Assert.Equal(FailureCodes.WritersNotDrained, failure.Failure.Code);
        Assert.True(took < TimeSpan.FromSeconds(5), $"took {took}");
        AssertNotHeldUp(longest, usual);
        Assert.Equal(0, busy.Refused);
        Assert.Equal(0L, await kong.ObjectsLeftAsync());
    }

    // The machine itself stalls a statement now and then; how long, the time without a fence has shown. Twice that much may come on top of what the fence may cost.
    private static void AssertNotHeldUp(TimeSpan longest, TimeSpan usual) =>
        Assert.True(longest <= Limit + (2 * usual), $"a statement took {longest.TotalMilliseconds:F0} ms; without the fence none took more than {usual.TotalMilliseconds:F0} ms");

    private static async Task<TimeSpan> UsualAsync(BusySessions busy)
    {
        busy.TakeLongest();
        using var control = new PeriodicTimer(Control, TimeProvider.System);
        var before = busy.Statements;
        await control.WaitForNextTickAsync();
        Assert.True(busy.Statements - before > Sessions, "the sessions are not busy");
        return busy.TakeLongest();
    }

    private static Task WaitForRefusalsAsync(BusySessions busy) =>
        TestKit.Eventually.HoldsAsync("writers are refused", () => Task.FromResult(busy.Refused > 0));

    private async Task<SmallKong> SixtyTablesAsync()
    {
        var kong = await SmallKong.CreateEmptyAsync(await postgres.ServerAsync(), "sixty");
        await kong.RunAsync(string.Concat(Tables.Select(t => $"CREATE TABLE {t} (id int PRIMARY KEY, v bigint NOT NULL); INSERT INTO {t} SELECT n, 0 FROM generate_series(0, {Sessions}) n;")));
        return kong;
    }
}
