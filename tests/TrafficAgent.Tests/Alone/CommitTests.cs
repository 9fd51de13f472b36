using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Steps;

namespace KongUpgradeMesh.TrafficAgent.Tests.Alone;

/// <summary>What ends everything that would lead back to X by itself, and what can be replayed.</summary>
public sealed class CommitTests : IAsyncLifetime
{
    private TestAgent _agent = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _agent = await TestAgent.StartAsync();

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task After_the_commitment_only_a_later_epoch_leads_back()
    {
        await _agent.ShiftAsync(1, 5, 100);
        Assert.Equal(100, (await _agent.CommitAsync(1)).Split.WeightY);
        Assert.Equal(100, (await _agent.CommitAsync(1)).Split.WeightY);

        await _agent.Reflex.HearAsync(_agent.Verdict(1, 5), Token);
        await FailsAsync(FailureCodes.StepSuperseded, () => _agent.RestoreAsync(1));
        Assert.Equal(100, (await _agent.ReadAsync()).Split.WeightY);
        Assert.Empty(_agent.Incidents);

        await _agent.RestoreAsync(2);
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Theory]
    [InlineData("not all on Y")]
    [InlineData("changed by hand")]
    [InlineData("stopped")]
    [InlineData("nothing there")]
    public async Task Nothing_is_committed_to_that_the_balancer_does_not_hold(string what)
    {
        if (what != "nothing there")
        {
            await _agent.ShiftAsync(1, 5, what == "not all on Y" ? 50 : 100);
        }

        var expected = what == "stopped" ? FailureCodes.StepSuperseded : FailureCodes.SplitNotInForce;
        if (what == "changed by hand")
        {
            await _agent.Balancer.ChangeByHandAsync(20);
        }
        else if (what == "stopped")
        {
            await _agent.Reflex.HearAsync(_agent.Verdict(1, 5), Token);
        }

        await FailsAsync(expected, () => _agent.CommitAsync(1));
        Assert.NotEqual(true, (await _agent.ReadAsync()).Record?.IsCommitted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replaying_every_command_of_a_completed_upgrade_changes_nothing(bool agentRemembers)
    {
        Func<Task>[] commands =
        [
            () => _agent.PrepareAsync(1), () => _agent.ShiftAsync(1, 1, 10), () => _agent.ShiftAsync(1, 2, 50), () => _agent.ShiftAsync(1, 3, 100), () => _agent.CommitAsync(1),
        ];
        await ReplayAsync(commands, agentRemembers);
        Assert.Equal(100, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replaying_every_command_of_an_upgrade_that_was_rolled_back_changes_nothing(bool agentRemembers)
    {
        Func<Task>[] commands =
        [
            () => _agent.PrepareAsync(1), () => _agent.ShiftAsync(1, 1, 10), () => _agent.ShiftAsync(1, 2, 50),
            () => _agent.Reflex.HearAsync(_agent.Verdict(1, 2), Token), () => _agent.RestoreAsync(2),
        ];
        await ReplayAsync(commands, agentRemembers);
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task A_late_preparation_does_not_undo_the_split_of_its_own_epoch()
    {
        await _agent.PrepareAsync(1);
        await _agent.ShiftAsync(1, 2, 50);

        await FailsAsync(FailureCodes.StepSuperseded, () => _agent.PrepareAsync(1));
        Assert.Equal(50, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task A_restore_that_read_before_the_commitment_does_not_undo_it()
    {
        await _agent.ShiftAsync(1, 5, 100);
        var driver = _agent.Balancer.Factory.Create(new DriverSettings(_agent.Balancer.Settings));

        // Both at once, again and again: whichever the balancer takes first, a commitment that was acknowledged is never undone.
        for (var epoch = 2; epoch < 22; epoch++)
        {
            await driver.ApplyAsync(_agent.Record(epoch, 1, 100), overForeign: false, Token);
            var committing = Record.ExceptionAsync(() => driver.ApplyAsync(_agent.Record(epoch, int.MaxValue, 100), overForeign: false, Token));
            var restoring = Record.ExceptionAsync(() => driver.RestoreAsync(_agent.Record(epoch, int.MaxValue, 0), Token));

            var (committed, restored) = (await committing is null, await restoring is null);

            var seen = await _agent.ReadAsync();
            Assert.False(committed && restored, $"epoch {epoch}: both were acknowledged");
            Assert.Equal(committed ? 100 : restored ? 0 : seen.Split.WeightY, seen.Split.WeightY);
        }
    }

    private async Task ReplayAsync(Func<Task>[] commands, bool agentRemembers)
    {
        foreach (var command in commands)
        {
            await command();
        }

        if (!agentRemembers)
        {
            _agent.Forget();
        }

        var map = await _agent.Balancer.SayAsync($"show map {_agent.Balancer.Server.Map}");
        var kept = await File.ReadAllTextAsync(_agent.Balancer.KeptFile, Token);
        foreach (var command in commands)
        {
            try
            {
                await command();
            }
            catch (StepFailedException exception)
            {
                Assert.Equal(FailureCodes.StepSuperseded, exception.Failure.Code);
            }

            Assert.Equal(map, await _agent.Balancer.SayAsync($"show map {_agent.Balancer.Server.Map}"));
            Assert.Equal(kept, await File.ReadAllTextAsync(_agent.Balancer.KeptFile, Token));
        }
    }

    private static async Task FailsAsync(string code, Func<Task> action) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<StepFailedException>(action)).Failure.Code);
}
