using System.Globalization;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Lab.Demo.Reports;
using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.System.Tests.Mesh;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.System.Tests.Chaos;

/// <summary>The traffic agent is alone: no broker, and the monitor agent is dead.</summary>
[Collection("mesh of processes")]
public sealed class SilenceTests(ITestOutputHelper output)
{
    private static readonly TimeSpan DeadMan = TimeSpan.FromSeconds(8);
    private static readonly LabPacing Pacing = new() { Steps = [25, 100], Dwell = TimeSpan.FromMinutes(3), DecideWithin = TimeSpan.FromMinutes(5), DeadManAfter = DeadMan };

    // The switch looks every second, tries every five, and what it does takes a moment.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task X_is_restored_in_the_midst_of_a_split_and_the_whole_story_is_told_afterwards()
    {
        await using var mesh = await MeshOfProcesses.StartAsync("eu1");
        await using var upgrade = await LabUpgrade.StartAsync(mesh, "silence", "eu1", 30, Pacing);
        await upgrade.Watch.ReachesAsync("25 % on Y", t => t.Any(e => e.Kind == "traffic-shifted"), TimeSpan.FromMinutes(3));
        var settings = upgrade.Environment.Spec.Traffic.Settings;
        Assert.Equal(2500, await ThresholdAsync());

        await Task.WhenAll(mesh.Broker.StopAsync(), mesh.AgentProcesses["monitor-eu1"].KillAsync());
        using (var pace = new Pace())
        {
            await Eventually.ReachesAsync("all traffic on X", ThresholdAsync, static threshold => threshold == 0);
            var took = pace.Elapsed;
            output.WriteLine($"all traffic on X after the broker had stopped by {pace}; the switch is set to {DeadMan.TotalSeconds:0} s");
            Assert.True(took < DeadMan + Slack, $"all traffic on X only after {pace}");
        }

        await mesh.Broker.StartNodeAsync(CancellationToken.None);
        mesh.AgentProcesses["monitor-eu1"].Start();
        var late = LateShift(upgrade);
        await LateCommand.SendAsync(mesh.Broker, AgentKind.Traffic, late);
        var timeline = await upgrade.Watch.ReachesAsync("the end", t => t[^1].Kind == "ended", TimeSpan.FromMinutes(4));
        foreach (var entry in timeline.SkipWhile(static e => e.Kind != "traffic-shifted"))
        {
            output.WriteLine($"{entry.At:T} {entry.Phase} {entry.Kind}: {entry.Message}");
        }

        Assert.Contains(timeline, static e => e.Kind == "traffic-incident" && e.Message.Contains("Neither coordinator nor monitor", StringComparison.Ordinal));
        Assert.Equal(UpgradeOutcome.RolledBack, (await mesh.ReadAsync(upgrade.UpgradeId)).Outcome);
        Assert.Single(timeline, static e => e.Kind == "traffic-shifted" && e.Message.Contains("25 %", StringComparison.Ordinal));
        Assert.Equal(0, await ThresholdAsync());

        // The first went unanswered where the coordinator's own restore overtook it: what is superseded no longer reports.
        var refusal = await LateCommand.RefusalAsync(mesh.Broker, AgentKind.Traffic, late);
        output.WriteLine($"a late shift was answered: {refusal.Code}: {refusal.Message}");
        Assert.Equal(FailureCodes.StepSuperseded, refusal.Code);
        Assert.Equal(0, await ThresholdAsync());
        Assert.All(
            await EndState.VerifyAsync(upgrade.Environment, ClusterSide.X, CancellationToken.None), check => Assert.True(check.Holds, $"{check.Name}: {check.Seen}"));

        async Task<int> ThresholdAsync()
        {
            var map = await HaproxySocket.SayAsync(settings["socket"], $"show map {settings["map"]}");
            return int.Parse(map.Split('\n').Select(static l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Single(static w => w is [_, "y", _])[2], CultureInfo.InvariantCulture);
        }
    }

    private static ShiftTraffic LateShift(LabUpgrade upgrade) => new()
    {
        Step = new StepRef
        {
            UpgradeId = upgrade.UpgradeId, Cluster = upgrade.Environment.Spec.Cluster, Lane = StepLanes.Main, Name = "shift-100", Epoch = 1, Sequence = 1000, Attempt = 1,
        },
        Datacenter = "eu1",
        Timeout = TimeSpan.FromSeconds(30),
        Spec = upgrade.Environment.Spec,
        Split = new TrafficSplit { WeightY = 100 },
        TrafficStep = 2,
    };
}
