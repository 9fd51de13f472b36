using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;
using KongUpgradeMesh.TrafficAgent.Tests.Steps;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.TrafficAgent.Tests.Ownership;

/// <summary>A HAProxy that knows nothing but its configuration once it is reloaded: its weights, without a server state file.</summary>
public sealed class LapsedSplitTests : IAsyncLifetime
{
    private TestAgent _agent = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _agent = await TestAgent.StartAsync(weights: true);
        _agent.Settings = new Dictionary<string, string>(_agent.Balancer.Settings) { ["stateFile"] = "none" };
    }

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task A_split_that_a_reload_lost_is_put_back_and_told_without_anybody_asking()
    {
        await _agent.PrepareAsync(1);
        await _agent.ShiftAsync(1, 1, 50);
        await _agent.WatchAsync(Token);

        await _agent.Balancer.Server.ReloadAsync(Token);

        await Eventually.HoldsAsync("the split is in force again", async () => (await ReadAsync()).Is(_agent.Record(1, 1, 50)), cancellationToken: Token);
        await Eventually.HoldsAsync("it is told", () => Task.FromResult(_agent.Incidents.Count == 1), cancellationToken: Token);
        var told = _agent.Incidents[0];
        Assert.Equal((TrafficIncidentKind.SplitReasserted, 50), (told.Kind, told.Split!.WeightY));
        Assert.StartsWith("The load balancer has lost the split: 50 % on Y is ours, the load balancer reports 0 % on Y", told.Message, StringComparison.Ordinal);
        await KeyCensus.TakeAsync(_agent.Balancer.FrontendPort, 100, Token); // What a HAProxy that was just started may deal out to X first.
        Assert.InRange((await KeyCensus.TakeAsync(_agent.Balancer.FrontendPort, 400, Token)).Count(static y => y), 190, 210);
    }

    [Fact]
    public async Task A_restore_needs_nothing_of_it()
    {
        await _agent.ShiftAsync(1, 1, 50);
        await _agent.RestoreAsync(2);
        await _agent.WatchAsync(Token);

        await _agent.Balancer.Server.ReloadAsync(Token);

        Assert.True((await ReadAsync()).Is(_agent.Record(2, 0, 0)));
        Assert.DoesNotContain(true, await KeyCensus.TakeAsync(_agent.Balancer.FrontendPort, 200, Token));
        Assert.Empty(_agent.Incidents);
    }

    [Fact]
    public async Task An_ended_upgrade_is_not_put_back()
    {
        await _agent.ShiftAsync(1, 1, 100);
        await _agent.CommitAsync(1);
        await _agent.ReleaseAsync(1);
        await _agent.WatchAsync(Token);

        await _agent.Balancer.Server.ReloadAsync(Token);

        Assert.Equal(0, (await ReadAsync()).Split.WeightY);
        Assert.Empty(_agent.Intents.Standing());
    }

    private async Task<ObservedTraffic> ReadAsync() => await _agent.Services.GetRequiredService<TrafficDriverCatalog>().Create(_agent.Spec().Traffic).ReadAsync(Token);
}
