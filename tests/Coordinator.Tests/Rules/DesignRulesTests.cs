using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Coordinator.Tests.Support;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Coordinator.Tests.Rules;

/// <remarks>One collection with the other runs: they share the scripted agents of one mesh.</remarks>
/// <summary>The rules that hold in every state, as far as the coordinator keeps them; the agents' own tests hold the others.</summary>
[Collection("coordinator")]
public sealed class DesignRulesTests(CoordinatorFixture mesh) : IDisposable
{
    public void Dispose()
    {
        mesh.Script.Heal<WatchTraffic>();
        mesh.Script.Heal<VerifyFreeze>();
        mesh.Script.Heal<UnfreezeConfiguration>();
        mesh.Script.Heal<DecommissionCluster>();
    }

    [Fact]
    public async Task Rule_3_the_backup_is_taken_after_the_fence_holds()
    {
        var id = await mesh.StartAsync(SpecText.For("rule-3"));
        await mesh.ReachesAsync(id, "Completed");
        var timeline = await mesh.TimelineAsync(id);

        var frozen = timeline.First(e => e.Kind == "step-completed" && e.Phase == "Freeze").Sequence;
        var dumped = timeline.First(e => e.Kind == "step-dispatched" && e.Message.Contains("take-backup", StringComparison.Ordinal)).Sequence;
        Assert.True(frozen < dumped);
    }

    [Fact]
    public async Task Rule_4_y_gets_no_traffic_before_the_monitor_sees_both_sides()
    {
        mesh.Script.On<WatchTraffic>(async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            throw new OperationCanceledException(token);
        });
        var id = await mesh.StartAsync(SpecText.For("rule-4-blind"));
        await mesh.ReachesAsync(id, "Shift");
        var explanation = await ExplainAsync(id);

        Assert.Contains("the monitor to see both clusters", explanation.WaitingFor);
        Assert.DoesNotContain("shift-traffic", mesh.Script.StepNames(id));
        using var answer = await mesh.OperateAsync(id, "abort");
        await mesh.ReachesAsync(id, "Aborted");
        Assert.DoesNotContain("shift-traffic", mesh.Script.StepNames(id));
    }

    [Fact]
    public async Task Rule_4_both_fences_are_verified_before_every_shift()
    {
        var id = await mesh.StartAsync(SpecText.For("rule-4-fences", steps: "[10, 50, 100]"));
        await mesh.ReachesAsync(id, "Completed");
        var steps = mesh.Script.StepNames(id);

        // Both ways in which Y gets traffic; the first shift follows its drill at once.
        Assert.Single(steps, "drill-traffic");
        foreach (var (step, index) in steps.Select((s, i) => (s, i)).Where(x => x.s is "drill-traffic" or "shift-traffic"))
        {
            Assert.Equal("verify-freeze", steps[index - 1] == "drill-traffic" ? steps[index - 2] : steps[index - 1]);
        }

        Assert.All(
            mesh.Script.Commands.OfType<VerifyFreeze>().Where(v => v.Step.UpgradeId == id),
            v => Assert.True(v.ExpectedX.Root == "f" && v.ExpectedY?.Root == "y"));
    }

    [Fact]
    public async Task Rule_5_traffic_is_back_on_x_even_when_every_database_is_away()
    {
        mesh.Script.OnWatch(watch => watch.Purpose == WatchPurpose.Step ? Verdict.Failed : Verdict.Passed);
        mesh.Script.Fail<UnfreezeConfiguration>(FailureCodes.DatabaseUnreachable, isTransient: true);
        var id = await mesh.StartAsync(SpecText.For("rule-5"));
        await TestKit.Eventually.ReachesAsync("traffic restored", () => mesh.TimelineAsync(id), t => t.Any(e => e.Message.StartsWith("All traffic is on cluster X", StringComparison.Ordinal)));

        Assert.Equal("RollingBack", (await mesh.ReadAsync(id)).State);
        mesh.Script.Heal<UnfreezeConfiguration>();
        await mesh.ReachesAsync(id, "RolledBack");
    }

    [Fact]
    public async Task Rule_6_a_breach_is_handled_at_a_gate()
    {
        var turn = new TaskCompletionSource();
        mesh.Script.OnWatchTurning(WatchPurpose.Soak, turn.Task);
        var id = await mesh.StartAsync(SpecText.For("rule-6", """ "gates": [ { "before": "Decommission" } ] """));
        await mesh.ReachesAsync(id, "Gate");
        Assert.Equal(100, (await mesh.ReadAsync(id)).WeightY);

        turn.SetResult();
        await mesh.ReachesAsync(id, "RolledBack");
    }

    [Fact]
    public async Task Rule_9_a_rollback_raises_the_epoch_of_everything_that_follows()
    {
        mesh.Script.OnWatch(watch => watch.Purpose == WatchPurpose.Step ? Verdict.Failed : Verdict.Passed);
        var id = await mesh.StartAsync(SpecText.For("rule-9"));
        await mesh.ReachesAsync(id, "RolledBack");

        var shift = mesh.Script.Commands.OfType<ShiftTraffic>().Single(c => c.Step.UpgradeId == id);
        var restore = mesh.Script.Commands.OfType<RestoreTraffic>().Single(c => c.Step.UpgradeId == id);
        Assert.True(restore.Step.Epoch > shift.Step.Epoch);
        Assert.True(restore.Step.Sequence > shift.Step.Sequence);
    }

    [Fact]
    public async Task Rule_10_every_end_lifts_the_fence_of_the_cluster_that_serves()
    {
        mesh.Script.OnWatch(watch => watch.Spec.Cluster == "rule-10-back" && watch.Purpose == WatchPurpose.Step ? Verdict.Failed : Verdict.Passed);
        var completed = await mesh.StartAsync(SpecText.For("rule-10-done"));
        var rolledBack = await mesh.StartAsync(SpecText.For("rule-10-back"));
        await mesh.ReachesAsync(completed, "Completed");
        await mesh.ReachesAsync(rolledBack, "RolledBack");

        var lifted = mesh.Script.Commands.OfType<UnfreezeConfiguration>().ToList();
        Assert.Equal([ClusterSide.X, ClusterSide.Y], lifted.Last(c => c.Step.UpgradeId == completed).Sides);
        Assert.Contains(ClusterSide.X, lifted.Last(c => c.Step.UpgradeId == rolledBack).Sides);
    }

    [Fact]
    public async Task Rule_11_the_point_of_no_return_can_stand_behind_a_gate_and_is_announced()
    {
        var id = await mesh.StartAsync(SpecText.For("rule-11", """ "gates": [ { "before": "Decommission" } ] """));
        await mesh.ReachesAsync(id, "Gate");
        Assert.DoesNotContain("decommission-x", mesh.Script.StepNames(id));
        using var approved = await mesh.OperateAsync(id, "approve");
        await mesh.ReachesAsync(id, "Completed");

        var timeline = await mesh.TimelineAsync(id);
        var announced = timeline.Single(e => e.Message.StartsWith("Point of no return", StringComparison.Ordinal)).Sequence;
        Assert.True(announced < timeline.First(e => e.Message.StartsWith("Sent decommission-x", StringComparison.Ordinal)).Sequence);
    }

    [Fact]
    public async Task Rule_12_every_wait_for_a_person_has_a_deadline_and_is_explained()
    {
        var id = await mesh.StartAsync(SpecText.For("rule-12", """ "gates": [ { "before": "Freeze", "deadline": "1h" } ] """));
        var view = await mesh.ReachesAsync(id, "Gate");
        var explanation = await ExplainAsync(id);

        Assert.NotNull(view.Deadline);
        Assert.Contains(explanation.WaitingFor, w => w.StartsWith("a person, until", StringComparison.Ordinal));
        Assert.Contains($"kum approve {id}", explanation.Commands);
        using var answer = await mesh.OperateAsync(id, "abort");
    }

    private async Task<Explanation> ExplainAsync(Guid id) =>
        (await System.Net.Http.Json.HttpClientJsonExtensions.GetFromJsonAsync<Explanation>(mesh.Http, $"/api/v1/upgrades/{id}/explain", CoordinatorFixture.Json))!;
}
