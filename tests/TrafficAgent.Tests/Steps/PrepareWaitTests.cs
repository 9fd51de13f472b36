using ARSoft.Tools.Net.Dns;
using ARSoft.Tools.Net.Dns.DynamicUpdate;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Steps;
using KongUpgradeMesh.TrafficAgent.Tests.Drivers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace KongUpgradeMesh.TrafficAgent.Tests.Steps;

/// <summary>The step waits for what a driver needs before the first shift; here an old time to live on a real BIND.</summary>
public sealed class PrepareWaitTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_step_ends_when_the_old_time_to_live_has_passed_and_not_before()
    {
        await using var agent = await TestAgent.StartAsync();
        await using var dns = await DnsTestBalancer.StartAsync(async (directory, layout) => await BindServer.StartAsync(directory, layout));
        await dns.UpdateAsync([new DeleteAllRecordsUpdate(DnsTestBalancer.Name, RecordType.A), .. DnsTestBalancer.AddressesX.Select(static a => new AddRecordUpdate(new ARecord(DnsTestBalancer.Name, 3600, a)))]);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var handler = new PrepareTrafficHandler(new TrafficDriverCatalog([dns.Factory]), agent.Services.GetRequiredService<TrafficRestorer>(), clock);
        var spec = agent.Spec();
        spec = spec with { Traffic = spec.Traffic with { Driver = "dns", Settings = dns.Settings, Steps = [10, 50, 100] } };
        var command = new PrepareTraffic
        {
            Step = new StepRef { UpgradeId = agent.Upgrade, Cluster = "shop", Lane = StepLanes.Main, Name = "prepare-traffic", Epoch = 1, Sequence = 1, Attempt = 1 },
            Datacenter = "eu1",
            Timeout = TimeSpan.FromHours(12),
            Spec = spec,
        };
        var told = new Told();

        var step = handler.RunAsync(new StepContext<PrepareTraffic>(command, "traffic@test", told), Token);
        await Eventually.HoldsAsync("the step waits", () => Task.FromResult(told.Activity is not null || step.IsCompleted), TimeSpan.FromMinutes(2), Token);
        Assert.StartsWith("waiting until ", told.Activity, StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromMinutes(50));
        Assert.False(step.IsCompleted);

        await Eventually.HoldsAsync(
            "the step ends",
            () =>
            {
                clock.Advance(TimeSpan.FromMinutes(2));
                return Task.FromResult(step.IsCompleted);
            },
            TimeSpan.FromMinutes(2),
            Token);
        Assert.Equal(0, ((TrafficPrepared)await step).Split.WeightY);
        Assert.Equal([5], (await dns.TtlsAsync()).Distinct());
    }

    private sealed class Told : IStepPublisher
    {
        public string? Activity { get; private set; }

        public Task PublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task TryPublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken)
        {
            Activity = (stepEvent as StepProgressed)?.Activity;
            return Task.CompletedTask;
        }
    }
}
