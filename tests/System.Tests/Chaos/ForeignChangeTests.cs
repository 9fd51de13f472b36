using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Lab.Demo.Reports;
using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.System.Tests.Mesh;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.System.Tests.Chaos;

/// <summary>Somebody changes the split on the load balancer while the upgrade runs.</summary>
[Collection("mesh of processes")]
public sealed class ForeignChangeTests(ITestOutputHelper output)
{
    private static readonly LabPacing Pacing = new() { Steps = [25, 100], Dwell = TimeSpan.FromMinutes(3), DecideWithin = TimeSpan.FromMinutes(5) };

    [Fact]
    public async Task Is_noticed_within_five_seconds_pauses_the_run_and_is_undone_by_a_rollback()
    {
        await using var mesh = await MeshOfProcesses.StartAsync("eu1");
        await using var upgrade = await LabUpgrade.StartAsync(mesh, "foreign", "eu1", 30, Pacing);
        var shifted = await upgrade.Watch.ReachesAsync("25 % on Y", t => t.Any(e => e.Kind == "traffic-shifted"), TimeSpan.FromMinutes(3));
        output.WriteLine(Assert.Single(shifted, e => e.Kind == "traffic-drilled").Message);

        var settings = upgrade.Environment.Spec.Traffic.Settings;
        using var pace = new Pace();
        Assert.Equal("", await HaproxySocket.SayAsync(settings["socket"], $"set map {settings["map"]} y 7000"));
        var paused = await upgrade.Watch.ReachesAsync("the pause", t => t.Any(e => e.Kind == "paused"), TimeSpan.FromMinutes(2));
        var took = pace.Elapsed;
        output.WriteLine($"paused after the change by {pace}: {paused.Last(e => e.Kind == "paused").Message}");
        Assert.True(took < TimeSpan.FromSeconds(5), $"paused only after {pace}");
        Assert.Contains(paused, e => e.Kind == "traffic-incident" && e.Message.Contains("70 % on Y", StringComparison.Ordinal));
        var view = await mesh.ReadAsync(upgrade.UpgradeId);
        Assert.Equal((FailureCodes.SplitForeign, 70), (view.Failure!.Code, view.WeightY));

        var answer = await mesh.Client.CallAsync(
            api => api.OperateAsync(upgrade.UpgradeId, "rollback", new OperatorRequest { Actor = "system-test", Reason = "somebody changed the split" }, CancellationToken.None),
            CancellationToken.None);
        Assert.True(answer.Accepted);
        await upgrade.Watch.ReachesAsync("the end", t => t.Any(e => e.Kind == "ended"), TimeSpan.FromMinutes(3));
        Assert.All(
            await EndState.VerifyAsync(upgrade.Environment, ClusterSide.X, CancellationToken.None), check => Assert.True(check.Holds, $"{check.Name}: {check.Seen}"));
    }
}
