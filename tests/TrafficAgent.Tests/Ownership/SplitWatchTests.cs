using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Ownership;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;
using KongUpgradeMesh.TrafficAgent.Tests.Steps;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KongUpgradeMesh.TrafficAgent.Tests.Ownership;

/// <summary>What the agent does by itself about a split on a real HAProxy that is not as it left it.</summary>
public sealed class SplitWatchTests : IAsyncLifetime
{
    private TestAgent _agent = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _agent = await TestAgent.StartAsync();

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tells_of_a_foreign_change_once_and_leaves_it(bool marksLeft)
    {
        await _agent.ShiftAsync(1, 1, 10);
        await _agent.WatchAsync(Token);
        await (marksLeft ? _agent.Balancer.ChangeByHandAsync(70) : _agent.Balancer.ReplaceByHandAsync(70));

        var told = await ToldAsync(1);
        Assert.Equal((TrafficIncidentKind.SplitChanged, 70, 1), (told.Kind, told.Split!.WeightY, told.Step.Epoch));
        Assert.StartsWith("Somebody else changed the split: 10 % on Y is ours, the load balancer reports 70 % on Y", told.Message, StringComparison.Ordinal);
        Assert.EndsWith("; it was left as found", told.Message, StringComparison.Ordinal);
        await Eventually.HoldsAsync("nothing is watched any more", () => Task.FromResult(_agent.Intents.Standing().Count == 0));
        Assert.Equal(70, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Puts_a_raised_split_back_once_and_then_leaves_it_to_whoever_owns_it()
    {
        _agent.OnForeignChange = ForeignChangeChoice.Reassert;
        await _agent.ShiftAsync(1, 1, 10);
        await _agent.WatchAsync(Token);

        await _agent.Balancer.ReplaceByHandAsync(70);
        Assert.Equal((TrafficIncidentKind.SplitReasserted, 10), KindOf(await ToldAsync(1)));
        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(1, 1, 10)));

        await _agent.Balancer.ChangeByHandAsync(80);
        Assert.Equal((TrafficIncidentKind.SplitChanged, 80), KindOf(await ToldAsync(2)));
        Assert.Equal(80, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Never_raises_what_somebody_lowered(bool marksLeft)
    {
        _agent.OnForeignChange = ForeignChangeChoice.Reassert;
        await _agent.ShiftAsync(1, 1, 50);
        await _agent.WatchAsync(Token);
        await (marksLeft ? _agent.Balancer.ChangeByHandAsync(0) : _agent.Balancer.ReplaceByHandAsync(0));

        Assert.Equal((TrafficIncidentKind.SplitChanged, 0), KindOf(await ToldAsync(1)));
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Puts_X_back_after_a_restore_as_often_as_it_takes_and_tells_it_once_a_minute()
    {
        await _agent.ShiftAsync(1, 1, 50);
        await _agent.RestoreAsync(2);
        await _agent.WatchAsync(Token);
        foreach (var weight in new[] { 60, 100 })
        {
            await _agent.Balancer.ReplaceByHandAsync(weight);
            await Eventually.HoldsAsync($"all on X after {weight} %", async () => (await _agent.ReadAsync()).Is(_agent.Record(2, 0, 0)), cancellationToken: Token);
        }

        Assert.Equal((TrafficIncidentKind.SplitReasserted, 0), KindOf(await ToldAsync(1)));
        Assert.Single(_agent.Incidents);
    }

    [Fact]
    public async Task Holds_and_tells_when_X_is_sick_and_does_not_give_up()
    {
        await _agent.ShiftAsync(1, 1, 50);
        await _agent.RestoreAsync(2);
        await _agent.X.StopAsync();
        await _agent.WatchAsync(Token);
        await _agent.Balancer.ReplaceByHandAsync(60);

        var told = await ToldAsync(1);
        Assert.Equal((TrafficIncidentKind.RestoreHeld, 60), KindOf(told));
        Assert.Contains("Cluster X is not fit", told.Message, StringComparison.Ordinal);
        Assert.Equal(60, (await _agent.ReadAsync()).Split.WeightY);
        await Eventually.HoldsAsync("the restore is tried at the next look", () => Task.FromResult(_agent.Intents.Standing().Count == 1), cancellationToken: Token);
    }

    [Fact]
    public async Task A_restore_is_not_defended_for_ever()
    {
        await _agent.ShiftAsync(1, 1, 50);
        await _agent.RestoreAsync(2);
        await _agent.Balancer.ReplaceByHandAsync(60);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow() + SplitOwnership.RestoreDefended);
        var ownership = new SplitOwnership(_agent.Intents, _agent.Services.GetRequiredService<TrafficRestorer>(), clock, NullLogger<SplitOwnership>.Instance);

        var finding = await ownership.DefendAsync(Driver(), _agent.Intents.Standing().Single(), await _agent.ReadAsync(), Token);
        Assert.Equal((SplitFinding.Foreign, 60), (finding, (await _agent.ReadAsync()).Split.WeightY));
    }

    [Fact]
    public async Task Another_upgrades_split_is_never_touched_not_even_after_a_restore()
    {
        await _agent.ShiftAsync(1, 1, 50);
        await _agent.RestoreAsync(2);
        var later = _agent.Record(1, 1, 25) with { UpgradeId = Guid.NewGuid() };
        await Driver().ApplyAsync(later, overForeign: false, Token);
        await _agent.WatchAsync(Token);

        Assert.Equal((TrafficIncidentKind.SplitChanged, 25), KindOf(await ToldAsync(1)));
        Assert.True((await _agent.ReadAsync()).Is(later));
    }

    [Fact]
    public async Task A_released_upgrade_is_not_watched_and_the_next_epoch_is()
    {
        await _agent.ShiftAsync(1, 1, 50);
        await _agent.RestoreAsync(2);
        Assert.Single(_agent.Intents.Standing());

        await _agent.ReleaseAsync(1);
        Assert.Single(_agent.Intents.Standing()); // That end was overtaken by the rollback.
        await _agent.ReleaseAsync(2);
        Assert.Empty(_agent.Intents.Standing());
        Assert.Empty(_agent.Intents.Open());

        await _agent.ShiftAsync(3, 1, 10);
        Assert.Equal(3, _agent.Intents.Standing().Single().Record.Epoch);
    }

    [Fact]
    public async Task A_restarted_agent_goes_on_watching_without_being_asked()
    {
        await _agent.ShiftAsync(1, 1, 10);
        _agent.Restart();
        await _agent.WatchAsync(Token);
        await _agent.Balancer.ChangeByHandAsync(40);

        Assert.Equal((TrafficIncidentKind.SplitChanged, 40), KindOf(await ToldAsync(1)));
    }

    [Fact]
    public async Task A_balancer_that_is_away_is_no_foreign_change()
    {
        await _agent.ShiftAsync(1, 1, 10);
        await _agent.WatchAsync(Token);
        await _agent.Balancer.KillAsync();
        await _agent.Balancer.StartAgainAsync();
        await _agent.Balancer.ChangeByHandAsync(40);

        Assert.Equal((TrafficIncidentKind.SplitChanged, 40), KindOf(await ToldAsync(1)));
        Assert.Single(_agent.Incidents);
    }

    [Fact]
    public async Task Tells_when_nothing_flows_to_a_side_that_should_have_half()
    {
        await _agent.ShiftAsync(1, 1, 50);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var load = KeepAskingAsync("the one and only consumer", stop.Token);
        await _agent.WatchAsync(Token);

        var told = await ToldAsync(1);
        await stop.CancelAsync();
        await load;
        Assert.Equal((TrafficIncidentKind.ShareDiffers, 50), KindOf(told));
        Assert.Contains("while 50 % is set", told.Message, StringComparison.Ordinal);
        Assert.Contains("the same few sticky keys", told.Message, StringComparison.Ordinal);
    }

    private static (TrafficIncidentKind Kind, int WeightY) KindOf(TrafficIncident incident) => (incident.Kind, incident.Split!.WeightY);

    private async Task KeepAskingAsync(string key, CancellationToken cancellationToken)
    {
        using var client = new RawClient(_agent.Balancer.FrontendPort);
        while (!cancellationToken.IsCancellationRequested)
        {
            await client.SendAsync(key, CancellationToken.None);
        }
    }

    private Task<TrafficIncident> ToldAsync(int incidents) => Eventually.ReachesAsync(
        $"incident {incidents}", () => Task.FromResult(_agent.Incidents.ElementAtOrDefault(incidents - 1)), static told => told is not null, cancellationToken: Token)!;

    private ITrafficDriver Driver() => _agent.Balancer.Factory.Create(new DriverSettings(_agent.Balancer.Settings));
}
