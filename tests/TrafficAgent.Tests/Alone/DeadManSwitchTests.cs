using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Steps;

namespace KongUpgradeMesh.TrafficAgent.Tests.Alone;

/// <summary>The dead-man switch by a clock of the test's; the balancer and the clusters are real.</summary>
public sealed class DeadManSwitchTests : IAsyncLifetime
{
    // How long the agent gives a node to answer.
    private static readonly TimeSpan ProbeBound = TimeSpan.FromSeconds(1);
    private readonly IdleClock _clock = new();
    private TestAgent _agent = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _agent = await TestAgent.StartAsync();
        Say(DeadManAction.Restore);
    }

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task Restores_X_when_nobody_is_heard_of_for_the_configured_time()
    {
        await _agent.ShiftAsync(1, 3, 50);
        _agent.Restart(_clock);

        await PassAsync(19);
        Assert.Equal(50, (await _agent.ReadAsync()).Split.WeightY);
        await PassAsync(2);

        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
        var incident = Assert.Single(_agent.Incidents);
        Assert.Equal((TrafficIncidentKind.DeadManRestored, "shift-50"), (incident.Kind, incident.Step.Name));
        Assert.Equal(1, _agent.Marks.Find(_agent.Upgrade)!.Epoch);
        await PassAsync(30);
        Assert.Single(_agent.Incidents);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_of_the_two_is_enough(bool coordinator)
    {
        await _agent.ShiftAsync(1, 3, 50);
        _agent.Restart(_clock);

        for (var beat = 0; beat < 6; beat++)
        {
            await PassAsync(10);
            if (coordinator)
            {
                _agent.Contacts.HearCoordinator();
            }
            else
            {
                _agent.Contacts.HearMonitor([_agent.Upgrade]);
            }
        }

        Assert.Equal(50, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task A_monitor_agent_that_watches_only_others_is_no_contact()
    {
        await _agent.ShiftAsync(1, 3, 50);
        _agent.Restart(_clock);

        for (var beat = 0; beat < 3; beat++)
        {
            await PassAsync(10);
            _agent.Contacts.HearMonitor([Guid.NewGuid()]);
        }

        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task A_machine_that_was_stopped_was_deaf_and_not_alone()
    {
        await _agent.ShiftAsync(1, 3, 50);
        _agent.Restart(_clock);
        await PassAsync(10);

        _clock.Advance(TimeSpan.FromHours(1));
        await _agent.DeadMan.LookAsync(Token);

        Assert.Equal(50, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Holds_where_the_spec_says_so_and_reports_it_once_for_each_silence()
    {
        Say(DeadManAction.Hold);
        await _agent.ShiftAsync(1, 3, 50);
        _agent.Restart(_clock);

        await PassAsync(60);
        Assert.Equal((TrafficIncidentKind.DeadManHeld, 50), (Assert.Single(_agent.Incidents).Kind, _agent.Incidents[0].Split!.WeightY));
        Assert.Null(_agent.Marks.Find(_agent.Upgrade));

        _agent.Contacts.HearMonitor([_agent.Upgrade]);
        await PassAsync(25);
        Assert.Equal(2, _agent.Incidents.Count);
        Assert.Equal(50, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Holds_while_X_is_sick_and_restores_when_it_is_well_again()
    {
        await _agent.ShiftAsync(1, 3, 50);
        await _agent.X.StopAsync();
        _agent.Restart(_clock);

        await PassAsync(40);
        Assert.Equal(50, (await _agent.ReadAsync()).Split.WeightY);
        Assert.Equal(TrafficIncidentKind.RestoreHeld, Assert.Single(_agent.Incidents).Kind);

        await _agent.X.StartAgainAsync();
        await PassAsync(10);
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
        Assert.Equal(TrafficIncidentKind.DeadManRestored, _agent.Incidents[^1].Kind);
    }

    [Fact]
    public async Task Never_leads_blindly_to_an_X_that_cannot_be_asked()
    {
        // Nobody answers at either side: that may be this agent's network, or an X that is gone.
        await _agent.ShiftAsync(1, 3, 50);
        await _agent.X.StopAsync();
        await _agent.Y.StopAsync();
        _agent.Restart(_clock);

        await PassAsync(40);

        Assert.Equal(50, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Never_leads_back_after_the_commitment_also_where_this_agent_was_not_told()
    {
        await _agent.ShiftAsync(1, 5, 100);
        // Another agent of the datacenter has made the commitment while this one was cut off; X still answers.
        await Driver().ApplyAsync(_agent.Record(1, int.MaxValue, 100), overForeign: false, Token);
        _agent.Restart(_clock);

        await PassAsync(60);

        Assert.Equal(100, (await _agent.ReadAsync()).Split.WeightY);
        Assert.Empty(_agent.Incidents);
        Assert.True(_agent.Intents.Find(_agent.Upgrade)!.IsOver);
    }

    [Theory]
    [InlineData("another upgrade's")]
    [InlineData("nobody's")]
    [InlineData("committed and changed by hand")]
    public async Task Leaves_alone_what_is_not_known_to_be_this_upgrades_running_split(string whose)
    {
        await _agent.ShiftAsync(1, 3, 100);
        if (whose == "another upgrade's")
        {
            await _agent.Balancer.ReplaceByHandAsync(0);
            await Driver().ApplyAsync(_agent.Record(1, 1, 100) with { UpgradeId = Guid.NewGuid() }, overForeign: false, Token);
        }
        else if (whose == "nobody's")
        {
            await _agent.Balancer.ReplaceByHandAsync(100);
        }
        else
        {
            await Driver().ApplyAsync(_agent.Record(1, int.MaxValue, 100), overForeign: false, Token);
            await _agent.Balancer.ChangeByHandAsync(90);
        }

        _agent.Restart(_clock);
        await PassAsync(60);

        Assert.NotEqual(0, (await _agent.ReadAsync()).Split.WeightY);
        Assert.Empty(_agent.Incidents);
    }

    [Fact]
    public async Task Is_still_watching_after_a_crash_in_the_middle_of_the_next_step()
    {
        await _agent.ShiftAsync(1, 1, 10);
        _agent.Intents.Write(_agent.Intents.Find(_agent.Upgrade)! with { Record = _agent.Record(1, 2, 50), State = TrafficAgent.Intents.IntentState.Intended });
        _agent.Restart();
        await _agent.ConvergeAsync(Token);

        _agent.Restart(_clock);
        await PassAsync(25);

        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    private void Say(DeadManAction action) => _agent.Wishes = new TrafficSpec
    {
        Driver = "",
        Settings = new Dictionary<string, string>(),
        DeadMan = new DeadManSpec { After = TimeSpan.FromSeconds(20), Action = action },
    };

    // The agent's own waits (the pause between tries, the counting of requests) go by the same clock, so it moves on while a look lasts; but not while a node is asked, which on a busy machine answers late.
    private async Task PassAsync(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            var look = _agent.DeadMan.LookAsync(Token);
            while (await Task.WhenAny(look, Task.Delay(10, Token)) != look)
            {
                _clock.Advance(_clock.IsAwaited(ProbeBound) ? TimeSpan.Zero : TimeSpan.FromMilliseconds(10));
            }

            await look;
        }
    }

    private ITrafficDriver Driver() => _agent.Balancer.Factory.Create(new DriverSettings(_agent.Balancer.Settings));
}
