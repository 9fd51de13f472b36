using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Coordinator.Tests.Support;
using KongUpgradeMesh.Coordinator.Timeline;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Coordinator.Tests.Upgrades;

[Collection("coordinator")]
public sealed class UpgradeRunTests(CoordinatorFixture mesh) : IDisposable
{
    public void Dispose()
    {
        mesh.Script.Heal<WatchTraffic>();
        mesh.Script.Heal<RunStagingTests>();
        mesh.Script.Heal<RunPreflight>();
        mesh.Script.Heal<PrepareMonitoring>();
        mesh.Script.Heal<VerifyFreeze>();
        mesh.Script.Heal<RestoreTraffic>();
        mesh.Script.Heal<TakeBackup>();
        mesh.Script.Heal<DecommissionCluster>();
        mesh.Script.Heal<CommitTraffic>();
    }

    [Fact]
    public async Task Runs_the_whole_procedure_in_order_and_completes()
    {
        var id = await mesh.StartAsync(SpecText.For("complete"));
        var view = await mesh.ReachesAsync(id, "Completed");

        Assert.Equal(100, view.WeightY);
        Assert.Equal(UpgradeOutcome.Completed, view.Outcome);
        Assert.Equal(
            [
                "run-preflight", "prepare-monitoring", "prepare-traffic", "freeze-configuration", "take-backup", "assess-upgrade", "restore-database", "migrate-database",
                "start-cluster", "run-staging-tests", "carry-runtime-state", "verify-freeze", "drill-traffic", "shift-traffic", "carry-runtime-state", "verify-freeze", "shift-traffic", "verify-before-decommission",
                "commit-traffic", "decommission-x", "unfreeze-configuration",
            ],
            mesh.Script.StepNames(id));
    }

    [Fact]
    public async Task Chains_the_timeline_by_hash_without_gaps()
    {
        var id = await mesh.StartAsync(SpecText.For("chained"));
        await mesh.ReachesAsync(id, "Completed");

        var previous = TimelineHash.Genesis;
        var sequence = 0L;
        foreach (var entry in await mesh.TimelineAsync(id))
        {
            Assert.Equal(++sequence, entry.Sequence);
            Assert.Equal(previous, entry.PreviousHash);
            Assert.Equal(entry.Hash, TimelineHash.Of(
                id, entry.Sequence, entry.At, entry.Kind, entry.Phase, entry.Epoch, entry.Actor, entry.Message, entry.Data.GetRawText(), previous));
            previous = entry.Hash;
        }

        Assert.True(sequence > 20);
    }

    [Fact]
    public async Task Ends_as_failed_and_lifts_the_fence_when_staging_fails()
    {
        mesh.Script.Fail<RunStagingTests>(FailureCodes.StagingFailed);
        var id = await mesh.StartAsync(SpecText.For("staging"));
        var view = await mesh.ReachesAsync(id, "Failed");

        Assert.Equal(FailureCodes.StagingFailed, view.Failure!.Code);
        Assert.Equal(["restore-traffic", "lift-fences"], mesh.Script.StepNames(id).TakeLast(2));
    }

    [Fact]
    public async Task Touches_nothing_when_preflight_fails()
    {
        mesh.Script.Fail<RunPreflight>(FailureCodes.SameDatabase);
        var id = await mesh.StartAsync(SpecText.For("preflight"));
        var view = await mesh.ReachesAsync(id, "Failed");

        Assert.Equal(FailureCodes.SameDatabase, view.Failure!.Code);
        Assert.Equal(["run-preflight"], mesh.Script.StepNames(id));
    }

    [Fact]
    public async Task Freezes_nothing_when_the_monitor_cannot_read_what_it_must_judge_by()
    {
        mesh.Script.Fail<PrepareMonitoring>(FailureCodes.SpecInvalid);
        var id = await mesh.StartAsync(SpecText.For("sources"));
        var view = await mesh.ReachesAsync(id, "Failed");

        Assert.Equal(FailureCodes.SpecInvalid, view.Failure!.Code);
        Assert.Equal(["run-preflight", "prepare-monitoring"], mesh.Script.StepNames(id));
    }

    [Fact]
    public async Task Rolls_traffic_back_in_a_new_epoch_when_cluster_y_is_judged_as_failed()
    {
        mesh.Script.OnWatch(watch => watch.Purpose == WatchPurpose.Step ? Verdict.Failed : Verdict.Passed);
        var id = await mesh.StartAsync(SpecText.For("breach"));
        var view = await mesh.ReachesAsync(id, "RolledBack");

        Assert.Equal(2, view.Epoch);
        Assert.Equal(0, view.WeightY);
        Assert.Equal(FailureCodes.VerdictFailed, view.Failure!.Code);
        Assert.Equal(["shift-traffic", "restore-traffic", "lift-fences"], mesh.Script.StepNames(id).TakeLast(3));
    }

    [Fact]
    public async Task Rolls_back_on_a_breach_while_paused()
    {
        var fail = false;
        mesh.Script.OnWatch(watch => watch.Purpose == WatchPurpose.Step && Volatile.Read(ref fail) ? Verdict.Failed : Verdict.Inconclusive);
        var id = await mesh.StartAsync(Deciding("paused-breach"));
        await mesh.ReachesAsync(id, "Paused"); // Undecided within the spec's limit.

        // The monitor is asked anew when its lease lapses; the new watch finds the breach.
        Volatile.Write(ref fail, true);
        using var resumed = await mesh.OperateAsync(id, "resume");
        Assert.Equal("RolledBack", (await mesh.ReachesAsync(id, "RolledBack")).State);
    }

    [Fact]
    public async Task Pauses_when_the_verdict_stays_inconclusive_and_never_passes_by_itself()
    {
        mesh.Script.OnWatch(watch => watch.Purpose == WatchPurpose.Step ? Verdict.Inconclusive : Verdict.Passed);
        var id = await mesh.StartAsync(Deciding("inconclusive"));
        var view = await mesh.ReachesAsync(id, "Paused");

        Assert.Equal(10, view.WeightY);
        Assert.Equal(FailureCodes.VerdictInconclusive, view.Failure!.Code);

        mesh.Script.Heal<WatchTraffic>();
        using var resumed = await mesh.OperateAsync(id, "resume");
        await mesh.ReachesAsync(id, "Completed");
    }

    [Fact]
    public async Task Taints_the_run_and_stops_shifting_when_the_configuration_has_drifted()
    {
        mesh.Script.Fail<VerifyFreeze>(FailureCodes.ConfigurationDrifted);
        var id = await mesh.StartAsync(SpecText.For("drifted"));
        var view = await mesh.ReachesAsync(id, "Paused");

        Assert.True(view.Tainted);
        Assert.DoesNotContain("shift-traffic", mesh.Script.StepNames(id));
        using var answer = await mesh.OperateAsync(id, "rollback");
        await mesh.ReachesAsync(id, "Failed");
    }

    [Fact]
    public async Task Retries_a_step_that_failed_for_a_passing_reason()
    {
        var tries = 0;
        mesh.Script.On<TakeBackup>((command, _) => Interlocked.Increment(ref tries) < 3
            ? throw new StepFailedException(new Failure { Code = FailureCodes.DatabaseUnreachable, Message = "away", Remedy = "wait", IsTransient = true })
            : Task.FromResult(AgentScript.Success(command)));
        var id = await mesh.StartAsync(SpecText.For("transient"));
        await mesh.ReachesAsync(id, "Completed");

        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task Tries_to_restore_traffic_for_ever()
    {
        var tries = 0;
        mesh.Script.OnWatch(watch => watch.Purpose == WatchPurpose.Step ? Verdict.Failed : Verdict.Passed);
        mesh.Script.On<RestoreTraffic>((command, _) => Interlocked.Increment(ref tries) < 6
            ? throw new StepFailedException(new Failure { Code = FailureCodes.BalancerUnreachable, Message = "gone", Remedy = "start it", RetryAfter = TimeSpan.FromMilliseconds(50) })
            : Task.FromResult(AgentScript.Success(command)));
        var id = await mesh.StartAsync(SpecText.For("stubborn"));
        var view = await mesh.ReachesAsync(id, "RolledBack");

        Assert.Equal(FailureCodes.VerdictFailed, view.Failure!.Code);
    }

    [Fact]
    public async Task Begins_a_failed_watch_again_after_a_pause_and_goes_on()
    {
        var tries = 0;
        mesh.Script.On<WatchTraffic>(async (command, token) =>
        {
            if (Interlocked.Increment(ref tries) < 3)
            {
                throw new StepFailedException(new Failure { Code = FailureCodes.MonitorBlind, Message = "blind", Remedy = "look", IsTransient = true });
            }

            mesh.Script.Heal<WatchTraffic>();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            throw new OperationCanceledException(token);
        });
        var id = await mesh.StartAsync(SpecText.For("watch-again"));
        await Eventually.HoldsAsync("three tries", () => Task.FromResult(Volatile.Read(ref tries) == 3));
        using var answer = await mesh.OperateAsync(id, "abort");
        await mesh.ReachesAsync(id, "Aborted");
    }

    [Fact]
    public async Task Waits_at_a_gate_until_it_is_approved()
    {
        var id = await mesh.StartAsync(SpecText.For("gated", """ "gates": [ { "before": "Shift", "deadline": "1h" } ] """));
        var view = await mesh.ReachesAsync(id, "Gate");
        Assert.NotNull(view.Deadline);
        Assert.DoesNotContain("shift-traffic", mesh.Script.StepNames(id));

        using var answer = await mesh.OperateAsync(id, "approve");
        await mesh.ReachesAsync(id, "Completed");
    }

    [Theory]
    [InlineData("rollBack", "Failed")]
    [InlineData("proceed", "Completed")]
    public async Task A_gate_ends_by_its_declared_outcome(string outcome, string state)
    {
        var id = await mesh.StartAsync(SpecText.For($"gate-{state.ToLowerInvariant()}", $$""" "gates": [ { "before": "Shift", "deadline": "1s", "onDeadline": "{{outcome}}" } ] """));
        await mesh.ReachesAsync(id, state);
    }

    [Fact]
    public async Task Pauses_after_the_running_step_and_resumes_with_the_next()
    {
        var release = new TaskCompletionSource();
        mesh.Script.On<TakeBackup>(async (command, token) =>
        {
            await release.Task.WaitAsync(token);
            return AgentScript.Success(command);
        });
        var id = await mesh.StartAsync(SpecText.For("pausing"));
        await mesh.ReachesAsync(id, "Backup");
        using var paused = await mesh.OperateAsync(id, "pause");
        Assert.True(paused.IsSuccessStatusCode);
        release.SetResult();
        await mesh.ReachesAsync(id, "Paused");

        using var resumed = await mesh.OperateAsync(id, "resume");
        await mesh.ReachesAsync(id, "Completed");
        Assert.Single(mesh.Script.StepNames(id), "take-backup");
    }

    [Fact]
    public async Task An_abort_undoes_everything()
    {
        var id = await mesh.StartAsync(SpecText.For("aborted", """ "gates": [ { "before": "Shift" } ] """));
        await mesh.ReachesAsync(id, "Gate");
        using var answer = await mesh.OperateAsync(id, "abort");
        await mesh.ReachesAsync(id, "Aborted");
        Assert.Equal(["restore-traffic", "lift-fences"], mesh.Script.StepNames(id).TakeLast(2));
    }

    [Fact]
    public async Task An_ended_upgrade_can_be_begun_again_in_a_new_epoch()
    {
        mesh.Script.Fail<RunStagingTests>(FailureCodes.StagingFailed);
        var id = await mesh.StartAsync(SpecText.For("again"));
        await mesh.ReachesAsync(id, "Failed");
        mesh.Script.Heal<RunStagingTests>();
        using var answer = await mesh.OperateAsync(id, "retry");
        var view = await mesh.ReachesAsync(id, "Completed");
        Assert.Equal(3, view.Epoch);
    }

    [Fact]
    public async Task Cluster_x_is_not_removed_while_the_traffic_agent_has_not_committed_to_y()
    {
        mesh.Script.Fail<CommitTraffic>(FailureCodes.SplitNotInForce);
        var id = await mesh.StartAsync(SpecText.For("not-committed"));
        await mesh.ReachesAsync(id, "RolledBack");

        Assert.DoesNotContain("decommission-x", mesh.Script.StepNames(id));
    }

    [Fact]
    public async Task There_is_no_way_back_once_cluster_x_is_being_removed()
    {
        mesh.Script.Fail<DecommissionCluster>(FailureCodes.StopFailed);
        var id = await mesh.StartAsync(SpecText.For("no-return"));
        await mesh.ReachesAsync(id, "Paused");
        using var refused = await mesh.OperateAsync(id, "rollback");
        Assert.Equal(System.Net.HttpStatusCode.Conflict, refused.StatusCode);

        mesh.Script.Heal<DecommissionCluster>();
        using var resumed = await mesh.OperateAsync(id, "resume");
        await mesh.ReachesAsync(id, "Completed");
    }

    // Where a step that stays undecided is what is waited for; elsewhere a busy machine may take its time for a verdict.
    private static string Deciding(string cluster) => SpecText.For(cluster).Replace("\"decideWithin\": \"2m\"", "\"decideWithin\": \"1s\"", StringComparison.Ordinal);
}
