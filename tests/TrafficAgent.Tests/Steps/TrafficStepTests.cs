using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Intents;

namespace KongUpgradeMesh.TrafficAgent.Tests.Steps;

public sealed class TrafficStepTests : IAsyncLifetime
{
    private TestAgent _agent = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _agent = await TestAgent.StartAsync();

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task Prepares_shifts_and_restores()
    {
        Assert.Equal("haproxy", (await _agent.PrepareAsync(1)).Driver);
        var shifted = await _agent.ShiftAsync(1, 1, 25);
        Assert.Equal((25, 1), (shifted.Split.WeightY, shifted.TrafficStep));

        using var pace = new Pace();
        var restored = await _agent.RestoreAsync(2);
        var took = pace.Elapsed;
        Assert.Equal(0, restored.Split.WeightY);
        Assert.InRange(restored.Took, TimeSpan.Zero, pace.OnTheClock);
        Assert.True(took < TimeSpan.FromSeconds(3), $"restored only after {pace}");
        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(2, 0, 0)));
    }

    [Fact]
    public async Task Preparing_changes_nothing()
    {
        await _agent.PrepareAsync(1);

        Assert.Null((await _agent.ReadAsync()).Record);
        Assert.Equal("y 0\n", await File.ReadAllTextAsync(_agent.Balancer.KeptFile, Token));
    }

    [Fact]
    public async Task Preparing_names_an_unknown_driver_and_steps_that_do_not_fit()
    {
        var spec = _agent.Spec();

        await FailsAsync(FailureCodes.DriverUnknown, () => _agent.PrepareAsync(1, spec with { Traffic = spec.Traffic with { Driver = "magic" } }));
        await FailsAsync(FailureCodes.DriverCannot, () => _agent.PrepareAsync(1, spec with { Traffic = spec.Traffic with { Steps = [10, 5, 90] } }));
    }

    [Fact]
    public async Task Preparing_puts_leftovers_of_an_older_epoch_back_on_X()
    {
        await _agent.ShiftAsync(1, 2, 50);

        Assert.Equal(0, (await _agent.PrepareAsync(2)).Split.WeightY);
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Preparing_refuses_a_split_that_is_not_ours()
    {
        await _agent.Balancer.ReplaceByHandAsync(30);

        await FailsAsync(FailureCodes.SplitForeign, () => _agent.PrepareAsync(1));
        Assert.Equal(30, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task A_restore_does_not_touch_the_split_that_a_finished_upgrade_left()
    {
        var earlier = _agent.Record(5, 9, 100) with { UpgradeId = Guid.NewGuid() };
        await Driver().ApplyAsync(earlier, overForeign: false, Token);

        await FailsAsync(FailureCodes.SplitForeign, () => _agent.RestoreAsync(1));
        Assert.True((await _agent.ReadAsync()).Is(earlier));
    }

    [Fact]
    public async Task Asking_again_does_not_make_a_foreign_split_ours()
    {
        await _agent.Balancer.ReplaceByHandAsync(100);

        await FailsAsync(FailureCodes.SplitForeign, () => _agent.ShiftAsync(1, 1, 10));
        await FailsAsync(FailureCodes.SplitForeign, () => _agent.RestoreAsync(2));
        await FailsAsync(FailureCodes.SplitForeign, () => _agent.RestoreAsync(2));

        Assert.Equal(100, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Restores_a_split_of_ours_whose_marks_somebody_removed()
    {
        await _agent.ShiftAsync(1, 1, 10);
        await _agent.Balancer.ReplaceByHandAsync(80);

        await _agent.RestoreAsync(2);

        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Does_not_shift_to_a_Y_that_is_dead_or_has_no_database()
    {
        _agent.Y.DatabaseReachable = false;
        await FailsAsync(FailureCodes.ClusterUnfit, () => _agent.ShiftAsync(1, 1, 10));
        await _agent.Y.StopAsync();
        await FailsAsync(FailureCodes.ClusterUnfit, () => _agent.ShiftAsync(1, 1, 10));

        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Does_not_shift_while_X_could_not_take_it_back()
    {
        await _agent.X.StopAsync();

        await FailsAsync(FailureCodes.ClusterUnfit, () => _agent.ShiftAsync(1, 1, 10));
    }

    [Fact]
    public async Task Restores_while_Y_and_its_database_are_dead()
    {
        await _agent.ShiftAsync(1, 1, 50);
        await _agent.Y.StopAsync();
        _agent.X.DatabaseReachable = false;

        await _agent.RestoreAsync(2);

        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Leaves_traffic_where_it_is_when_X_is_dead(bool yAnswers)
    {
        await _agent.ShiftAsync(1, 5, 100);
        await _agent.X.StopAsync();
        if (!yAnswers)
        {
            await _agent.Y.StopAsync();
        }

        await FailsAsync(FailureCodes.ClusterUnfit, () => _agent.RestoreAsync(2));

        Assert.Equal(100, (await _agent.ReadAsync()).Split.WeightY);
        Assert.Equal(IntentState.Dropped, _agent.Intents.Find(_agent.Upgrade)!.State);
    }

    [Fact]
    public async Task Marks_the_new_epoch_on_a_dead_X_that_has_all_traffic_already()
    {
        await _agent.ShiftAsync(1, 1, 0);
        await _agent.X.StopAsync();

        await _agent.RestoreAsync(2);

        await FailsAsync(FailureCodes.StepSuperseded, () => Driver().ApplyAsync(_agent.Record(1, 2, 10), overForeign: false, Token));
    }

    [Fact]
    public async Task Keeps_trying_to_restore_until_the_balancer_is_back()
    {
        await _agent.ShiftAsync(1, 1, 50);
        await _agent.Balancer.KillAsync();
        var restoring = _agent.RestoreAsync(2, TimeSpan.FromMinutes(2));
        await _agent.Balancer.StartAgainAsync();

        Assert.Equal(0, (await restoring).Split.WeightY);
    }

    [Fact]
    public async Task Says_why_it_could_not_restore_when_its_time_is_up()
    {
        await _agent.ShiftAsync(1, 1, 50);
        await _agent.Balancer.KillAsync();

        await FailsAsync(FailureCodes.BalancerUnreachable, () => _agent.RestoreAsync(2, TimeSpan.FromSeconds(1)));
        Assert.Equal(IntentState.Intended, _agent.Intents.Find(_agent.Upgrade)!.State);
    }

    [Fact]
    public async Task A_restarted_agent_finishes_a_restore_that_it_had_begun()
    {
        await _agent.ShiftAsync(1, 1, 50);
        _agent.Intents.Write(TrafficIntent.Of(_agent.Record(2, 0, 0), _agent.Spec(), isRestore: true));

        _agent.Restart();
        await _agent.ConvergeAsync(Token);

        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(2, 0, 0)));
        Assert.Equal(IntentState.Confirmed, _agent.Intents.Find(_agent.Upgrade)!.State);
    }

    [Fact]
    public async Task A_restarted_agent_does_not_finish_a_shift_by_itself()
    {
        await _agent.ShiftAsync(1, 1, 10);
        _agent.Intents.Write(TrafficIntent.Of(_agent.Record(1, 2, 50), _agent.Spec(), isRestore: false));

        _agent.Restart();
        await _agent.ConvergeAsync(Token);

        Assert.Equal(10, (await _agent.ReadAsync()).Split.WeightY);
        await _agent.ShiftAsync(1, 2, 50);
        Assert.Equal(50, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task A_restarted_agent_leaves_an_old_restore_that_others_have_moved_on_from()
    {
        _agent.Intents.Write(TrafficIntent.Of(_agent.Record(2, 0, 0), _agent.Spec(), isRestore: true));
        var later = _agent.Record(1, 5, 100) with { UpgradeId = Guid.NewGuid() };
        await Driver().ApplyAsync(later, overForeign: false, Token);

        await _agent.ConvergeAsync(Token);

        Assert.True((await _agent.ReadAsync()).Is(later));
    }

    [Fact]
    public async Task Puts_a_raised_split_back_once_and_then_leaves_it_to_whoever_owns_it()
    {
        _agent.OnForeignChange = ForeignChangeChoice.Reassert;
        await _agent.ShiftAsync(1, 1, 10);
        await _agent.Balancer.ChangeByHandAsync(80);

        Assert.True((await FailsAsync(FailureCodes.SplitForeign, () => _agent.ShiftAsync(1, 2, 25))).IsTransient);
        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(1, 1, 10)));

        await _agent.Balancer.ChangeByHandAsync(70);
        Assert.False((await FailsAsync(FailureCodes.SplitForeign, () => _agent.ShiftAsync(1, 2, 25))).IsTransient);
        Assert.Equal(70, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Leaves_a_raised_split_where_the_spec_does_not_say_otherwise_until_a_person_has_resumed()
    {
        await _agent.ShiftAsync(1, 1, 10);
        await _agent.Balancer.ReplaceByHandAsync(80);

        Assert.False((await FailsAsync(FailureCodes.SplitForeign, () => _agent.ShiftAsync(1, 2, 25))).IsTransient);
        Assert.Equal(80, (await _agent.ReadAsync()).Split.WeightY);

        await _agent.ShiftAsync(1, 2, 25, overForeign: true);
        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(1, 2, 25)));
    }

    [Fact]
    public async Task Not_even_a_resume_replaces_another_upgrades_split()
    {
        var other = _agent.Record(1, 3, 50) with { UpgradeId = Guid.NewGuid() };
        await Driver().ApplyAsync(other, overForeign: false, Token);

        await FailsAsync(FailureCodes.SplitForeign, () => _agent.ShiftAsync(1, 1, 10, overForeign: true));
        Assert.True((await _agent.ReadAsync()).Is(other));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Never_works_against_a_person_who_lowered_the_share(bool marksLeft)
    {
        _agent.OnForeignChange = ForeignChangeChoice.Reassert;
        await _agent.ShiftAsync(1, 2, 50);
        await (marksLeft ? _agent.Balancer.ChangeByHandAsync(0) : _agent.Balancer.ReplaceByHandAsync(0));

        await FailsAsync(FailureCodes.SplitForeign, () => _agent.ShiftAsync(1, 3, 100));
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    private static async Task<Failure> FailsAsync(string code, Func<Task> action)
    {
        var exception = await Assert.ThrowsAsync<StepFailedException>(action);
        Assert.Equal(code, exception.Failure.Code);
        return exception.Failure;
    }

    private ITrafficDriver Driver() => _agent.Balancer.Factory.Create(new DriverSettings(_agent.Balancer.Settings));
}
