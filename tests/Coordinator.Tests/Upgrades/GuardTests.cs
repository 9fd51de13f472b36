using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Coordinator.Tests.Support;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Coordinator.Tests.Upgrades;

/// <summary>What the run does when the look at the fences, which goes on beside it, ends with a failure.</summary>
[Collection("coordinator")]
public sealed class GuardTests(CoordinatorFixture mesh) : IDisposable
{
    private static readonly Failure Fallen = new() { Code = FailureCodes.FenceNotHolding, Message = "the fence fell", Remedy = "kum rollback" };

    private readonly TaskCompletionSource<Failure> _fall = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
        mesh.Script.Heal<GuardFreeze>();
        mesh.Script.Heal<TakeBackup>();
        mesh.Script.Heal<WatchTraffic>();
    }

    [Fact]
    public async Task The_fence_of_x_is_guarded_from_the_freeze_and_both_from_the_start_of_y_until_they_are_lifted()
    {
        var id = await mesh.StartAsync(SpecText.For("guarded"));
        await mesh.ReachesAsync(id, "Completed");
        var guards = mesh.Script.Commands.OfType<GuardFreeze>().Where(c => c.Step.UpgradeId == id).ToList();
        Assert.Equal([[ClusterSide.X], [ClusterSide.X, ClusterSide.Y]], guards.Select(static g => g.Sides));
    }

    [Fact]
    public async Task A_fallen_fence_taints_the_run_and_stops_it_between_two_traffic_steps()
    {
        mesh.Script.OnGuard(guard => guard.Sides.Count == 2 ? _fall.Task : Never());
        mesh.Script.OnWatch(watch =>
        {
            if (watch.Purpose == WatchPurpose.Step)
            {
                _fall.TrySetResult(Fallen);
            }

            return watch.Purpose == WatchPurpose.Step ? Verdict.Inconclusive : Verdict.Passed;
        });
        var id = await mesh.StartAsync(SpecText.For("fallen"));
        var view = await mesh.ReachesAsync(id, "Paused");

        Assert.True(view.Tainted);
        Assert.Equal(FailureCodes.FenceNotHolding, view.Failure!.Code);
        Assert.Single(mesh.Script.StepNames(id), "shift-traffic");
        using var answer = await mesh.OperateAsync(id, "rollback");
        await mesh.ReachesAsync(id, "RolledBack");
    }

    [Fact]
    public async Task A_fence_that_falls_while_a_step_is_at_work_pauses_the_run_after_it()
    {
        var release = new TaskCompletionSource();
        mesh.Script.OnGuard(_ => _fall.Task);
        mesh.Script.On<TakeBackup>(async (command, token) =>
        {
            _fall.TrySetResult(Fallen);
            await release.Task.WaitAsync(token);
            return AgentScript.Success(command);
        });
        var id = await mesh.StartAsync(SpecText.For("fallen-in-work"));
        await Eventually.HoldsAsync("the run is tainted", async () => (await mesh.ReadAsync(id)).Tainted);
        Assert.Equal("Backup", (await mesh.ReadAsync(id)).State);
        release.SetResult();
        await mesh.ReachesAsync(id, "Paused");
        Assert.Contains(await mesh.TimelineAsync(id), static e => e.Kind == "paused" && e.Message.Contains("the fence fell", StringComparison.Ordinal));

        mesh.Script.Heal<GuardFreeze>();
        using var resumed = await mesh.OperateAsync(id, "resume");
        Assert.True((await mesh.ReachesAsync(id, "Completed")).Tainted);
    }

    [Fact]
    public async Task A_fence_that_falls_at_a_gate_is_told_and_looked_at_again_after_it()
    {
        mesh.Script.OnGuard(guard => guard.Sides.Count == 2 ? _fall.Task : Never());
        var id = await mesh.StartAsync(SpecText.For("fallen-at-gate", """ "gates": [ { "before": "Shift", "deadline": "1h" } ] """));
        await mesh.ReachesAsync(id, "Gate");
        _fall.SetResult(Fallen);
        await Eventually.HoldsAsync("the run is tainted", async () => (await mesh.ReadAsync(id)).Tainted);
        Assert.Equal("Gate", (await mesh.ReadAsync(id)).State);

        mesh.Script.Heal<GuardFreeze>();
        using var answer = await mesh.OperateAsync(id, "approve");
        await mesh.ReachesAsync(id, "Completed");
        Assert.Equal(3, mesh.Script.Commands.OfType<GuardFreeze>().Count(c => c.Step.UpgradeId == id));
    }

    [Fact]
    public async Task A_fence_that_cannot_be_looked_at_is_tried_again_and_pauses_the_run_when_that_goes_on()
    {
        mesh.Script.Fail<GuardFreeze>(FailureCodes.DatabaseUnreachable, isTransient: true);
        mesh.Script.On<TakeBackup>(static async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            throw new OperationCanceledException(token);
        });
        var id = await mesh.StartAsync(SpecText.For("unseen"));
        await Eventually.HoldsAsync("the failure is told", async () => (await mesh.TimelineAsync(id)).Any(static e => e.Kind == "alert"));
        Assert.Equal([1, 2, 3], mesh.Script.Commands.OfType<GuardFreeze>().Where(c => c.Step.UpgradeId == id).Select(static c => c.Step.Attempt));
        Assert.False((await mesh.ReadAsync(id)).Tainted);
        using var answer = await mesh.OperateAsync(id, "abort");
        await mesh.ReachesAsync(id, "Aborted");
    }

    private static Task<Failure> Never() => new TaskCompletionSource<Failure>().Task;
}
