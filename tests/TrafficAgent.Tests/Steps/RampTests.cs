using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Steps;

/// <summary>A step from 10 to 40 % in six increments, one a second of the test's clock, on a real HAProxy.</summary>
public sealed class RampTests : IAsyncLifetime
{
    private const int Keys = 500;
    private static readonly TimeSpan Observe = TimeSpan.FromMilliseconds(60);
    private readonly IdleClock _clock = new();
    private TestAgent _agent = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _agent = await TestAgent.StartAsync();
        await _agent.ShiftAsync(1, 1, 10);
        _agent.Restart(_clock);
    }

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task Raises_the_share_bit_by_bit_and_moves_no_key_back()
    {
        var ramp = _agent.RunAsync(Ramp());
        var (seen, before) = (new List<int>(), await CensusAsync());
        while (await IsWaitingAsync(ramp) && seen is not [.., 40])
        {
            seen.Add(await WeightAsync());
            var now = await CensusAsync();
            Assert.DoesNotContain(Enumerable.Range(0, Keys), key => before[key] && !now[key]);
            before = now;
            _clock.Advance(Second);
        }

        var shifted = await EndAsync(ramp);
        Assert.Equal([15, 20, 25, 30, 35, 40], seen);
        Assert.Equal((10, 6, TimeSpan.FromSeconds(5)), (shifted.Ramp!.From.WeightY, shifted.Ramp.Increments, shifted.Ramp.Took));
        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(1, 2, 40)));
        Assert.True(_agent.Intents.Find(_agent.Upgrade) is { State: IntentState.Confirmed, Record.Split.WeightY: 40 });
    }

    [Fact]
    public async Task A_failed_verdict_amid_the_ramp_restores_X_and_no_increment_follows()
    {
        var ramp = await ReachAsync(25);
        await DriveAsync(_agent.Reflex.HearAsync(_agent.Verdict(1, 2), Token));

        Assert.Equal(0, await WeightAsync());
        _clock.Advance(Second);
        await FailsAsync(FailureCodes.StepSuperseded, ramp);
        await FailsAsync(FailureCodes.StepSuperseded, _agent.RunAsync(Ramp()));
        _agent.Forget(); // The balancer itself refuses it too.
        await FailsAsync(FailureCodes.StepSuperseded, _agent.RunAsync(Ramp()));
        Assert.Equal(0, await WeightAsync());
    }

    [Fact]
    public async Task A_verdict_of_the_watch_that_begins_before_the_ramp_restores_X_too()
    {
        await DriveAsync(_agent.Reflex.HearAsync(_agent.Verdict(1, 2), Token));

        Assert.Equal(0, await WeightAsync());
    }

    [Fact]
    public async Task A_rollback_amid_the_ramp_has_the_last_word()
    {
        var ramp = await ReachAsync(25);
        await DriveAsync(_agent.RestoreAsync(2));
        await FailsAsync(FailureCodes.StepSuperseded, ramp);
        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(2, 0, 0)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_agent_that_died_amid_the_ramp_goes_on_where_it_stood(bool afterIntent)
    {
        using var death = new CancellationTokenSource();
        var ramp = await ReachAsync(25, death.Token);
        await death.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ramp);
        if (afterIntent)
        {
            _agent.Intents.Write(TrafficIntent.Of(_agent.Record(1, 2, 30), _agent.Spec(), isRestore: false, Ramp().Step));
        }

        _agent.Restart(_clock);
        await _agent.ConvergeAsync(Token);
        var again = _agent.RunAsync(Ramp());
        var seen = new List<int>();
        while (await IsWaitingAsync(again) && seen is not [.., 40])
        {
            seen.Add(await WeightAsync());
            _clock.Advance(Second);
        }

        var shifted = await EndAsync(again);
        Assert.Equal([25, 30, 35, 40], seen);
        Assert.Equal((25, 3), (shifted.Ramp!.From.WeightY, shifted.Ramp.Increments));
    }

    [Fact]
    public async Task Somebody_who_takes_traffic_off_Y_by_hand_ends_the_ramp()
    {
        var ramp = await ReachAsync(25);
        await _agent.Balancer.ReplaceByHandAsync(0);
        _clock.Advance(Second);

        await FailsAsync(FailureCodes.SplitForeign, ramp);
        Assert.Equal(0, await WeightAsync());
    }

    [Fact]
    public async Task Stays_where_it_is_while_Y_is_unfit_and_goes_on_later()
    {
        var ramp = await ReachAsync(25);
        _agent.Y.DatabaseReachable = false;
        _clock.Advance(Second);
        await FailsAsync(FailureCodes.ClusterUnfit, ramp);
        Assert.Equal(25, await WeightAsync());

        _agent.Y.DatabaseReachable = true;
        Assert.Equal(25, (await EndAsync(_agent.RunAsync(Ramp()))).Ramp!.From.WeightY);
    }

    [Fact]
    public async Task Does_not_grow_while_nobody_is_heard_of_even_where_the_dead_man_switch_only_holds()
    {
        var spec = Ramp().Spec;
        spec = spec with { Traffic = spec.Traffic with { DeadMan = new DeadManSpec { After = TimeSpan.FromSeconds(3), Action = DeadManAction.Hold } } };
        var ramp = _agent.RunAsync(Ramp() with { Spec = spec });
        foreach (var expected in new[] { 15, 20, 25, 30, 30, 30 })
        {
            Assert.True(await IsWaitingAsync(ramp));
            Assert.Equal(expected, await WeightAsync());
            _clock.Advance(TimeSpan.FromMilliseconds(999));
            _agent.Contacts.Look();
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.True(await IsWaitingAsync(ramp));
        _agent.Contacts.HearCoordinator();
        Assert.Equal(40, (await EndAsync(ramp)).Split.WeightY);
    }

    private static TimeSpan Second => TimeSpan.FromSeconds(1);

    private ShiftTraffic Ramp()
    {
        // Longer than any wait, so that the clock tells a wait from a call.
        var settings = new Dictionary<string, string>(_agent.Balancer.Settings) { ["timeout"] = "5s", ["observe"] = "60ms" };
        return _agent.Shift(1, 2, 40) with { Spec = _agent.Spec(settings), RampFrom = new TrafficSplit { WeightY = 10 }, Ramp = TimeSpan.FromSeconds(5) };
    }

    // What restores verifies for a moment, while the ramp waits for longer.
    private async Task DriveAsync(Task restore)
    {
        for (var moments = 0; moments < 5 && !restore.IsCompleted; moments++)
        {
            await Eventually.HoldsAsync("the end of the restore or its look", () => Task.FromResult(restore.IsCompleted || _clock.IsAwaited(Observe)), cancellationToken: Token);
            _clock.Advance(restore.IsCompleted ? TimeSpan.Zero : Observe);
        }

        await restore.WaitAsync(TimeSpan.FromMinutes(2), Token);
    }

    private async Task<Task<TrafficShifted>> ReachAsync(int weightY, CancellationToken? token = null)
    {
        var ramp = _agent.RunAsync(Ramp(), token);
        while (await IsWaitingAsync(ramp) && await WeightAsync() < weightY)
        {
            _clock.Advance(Second);
        }

        Assert.Equal(weightY, await WeightAsync());
        return ramp;
    }

    private async Task<TrafficShifted> EndAsync(Task<TrafficShifted> ramp)
    {
        for (var passed = 0; passed < 20 && await IsWaitingAsync(ramp); passed++)
        {
            _clock.Advance(Second);
        }

        return await ramp.WaitAsync(TimeSpan.FromMinutes(2), Token);
    }

    private async Task<bool> IsWaitingAsync(Task work)
    {
        await Eventually.HoldsAsync("the end of the work or a wait", () => Task.FromResult(work.IsCompleted || _clock.IsIdle), cancellationToken: Token);
        return !work.IsCompleted;
    }

    private async Task<int> WeightAsync() => (await _agent.ReadAsync()).Split.WeightY;

    private Task<bool[]> CensusAsync() => KeyCensus.TakeAsync(_agent.Balancer.FrontendPort, Keys, Token);

    private async Task FailsAsync(string code, Task<TrafficShifted> ramp)
    {
        var exception = await Assert.ThrowsAsync<StepFailedException>(() => EndAsync(ramp));
        Assert.Equal(code, exception.Failure.Code);
    }
}
