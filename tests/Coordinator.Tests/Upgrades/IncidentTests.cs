using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Coordinator.Tests.Support;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Coordinator.Tests.Upgrades;

/// <summary>What the run does when it is told of something that happened to the split without a command.</summary>
[Collection("coordinator")]
public sealed class IncidentTests(CoordinatorFixture mesh) : IDisposable
{
    private static readonly DateTimeOffset Happened = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public void Dispose()
    {
        mesh.Script.Heal<WatchTraffic>();
        mesh.Script.Heal<ShiftTraffic>();
        mesh.Script.Heal<DrillTraffic>();
        mesh.Script.Heal<RestoreTraffic>();
        mesh.Script.Heal<Contracts.Deployment.DecommissionCluster>();
    }

    [Fact]
    public async Task Traffic_that_went_back_by_itself_brings_the_run_back_with_its_story()
    {
        await Task.WhenAll(
            BringsBackAsync(TrafficIncidentKind.ReflexRestored, FailureCodes.VerdictFailed),
            BringsBackAsync(TrafficIncidentKind.DeadManRestored, FailureCodes.ContactLost),
            BringsBackAsync(TrafficIncidentKind.BreakGlassRestored, FailureCodes.EndedByOperator));

        async Task BringsBackAsync(TrafficIncidentKind kind, string code)
        {
            var id = await DwellingAsync($"restored-{kind}".ToLowerInvariant());
            await TellAsync(id, kind, weightY: 0, took: TimeSpan.FromSeconds(0.4));
            var view = await mesh.ReachesAsync(id, "RolledBack");

            Assert.Equal((code, 0, 2), (view.Failure!.Code, view.WeightY, view.Epoch));
            Assert.Equal(["shift-traffic", "restore-traffic", "lift-fences"], mesh.Script.StepNames(id).TakeLast(3));
            var story = Assert.Single(await mesh.TimelineAsync(id), static e => e.Kind == "traffic-incident");
            Assert.Equal("it happened (2026-01-02 03:04:05Z, all traffic on cluster X after 0.4 s)", story.Message);
            Assert.Equal("traffic@test", story.Actor);
        }
    }

    [Fact]
    public async Task A_restore_is_answered_at_a_gate_and_only_told_when_there_is_no_way_back()
    {
        var gated = await mesh.StartAsync(SpecText.For("restored-at-gate", """ "gates": [ { "before": "Decommission", "deadline": "1h" } ] """));
        await mesh.ReachesAsync(gated, "Gate");
        await TellAsync(gated, TrafficIncidentKind.DeadManRestored, weightY: 0);
        await mesh.ReachesAsync(gated, "RolledBack");

        mesh.Script.Fail<Contracts.Deployment.DecommissionCluster>(FailureCodes.StopFailed);
        var late = await mesh.StartAsync(SpecText.For("restored-too-late"));
        await mesh.ReachesAsync(late, "Paused");
        await TellAsync(late, TrafficIncidentKind.BreakGlassRestored, weightY: 0);
        await Eventually.HoldsAsync("the alert", async () => (await mesh.TimelineAsync(late)).Any(static e => e.Kind == "alert" && e.Message == "it happened"));
        var view = await mesh.ReadAsync(late);
        Assert.Equal("Paused", view.State);
        Assert.Contains("Lead all traffic to cluster Y", view.Failure!.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_needs_no_answer_is_told_and_the_run_goes_on()
    {
        var id = await DwellingAsync("told");
        var kinds = new[] { TrafficIncidentKind.RestoreHeld, TrafficIncidentKind.DeadManHeld, TrafficIncidentKind.SplitReasserted };
        foreach (var (kind, number) in kinds.Select(static (k, i) => (k, i + 1)))
        {
            await TellAsync(id, kind, weightY: 10, after: TimeSpan.FromSeconds(number));
            await Eventually.HoldsAsync($"alert {number}", async () => (await mesh.TimelineAsync(id)).Count(static e => e.Kind == "alert") == number);
        }

        var view = await mesh.ReadAsync(id);
        Assert.Equal("Shift", view.State);
        Assert.Null(view.Failure);
        await AbortAsync(id);
    }

    [Fact]
    public async Task A_foreign_change_pauses_and_a_resume_puts_our_split_back()
    {
        var id = await DwellingAsync("foreign");
        await TellAsync(id, TrafficIncidentKind.SplitChanged, weightY: 70);
        var view = await mesh.ReachesAsync(id, "Paused");
        Assert.Equal((FailureCodes.SplitForeign, 70), (view.Failure!.Code, view.WeightY));
        Assert.Contains($"kum resume {id}", view.Failure.Remedy, StringComparison.Ordinal);

        mesh.Script.Heal<WatchTraffic>();
        using var resumed = await mesh.OperateAsync(id, "resume");
        Assert.Equal(100, (await mesh.ReachesAsync(id, "Completed")).WeightY);
        Assert.Equal([(1, false), (1, true), (2, false)], ShiftsOf(id));
        Assert.Equal(["verify-freeze", "shift-traffic"], mesh.Script.StepNames(id).SkipWhile(static s => s != "shift-traffic").Skip(1).Take(2));
    }

    [Fact]
    public async Task A_foreign_change_after_the_last_step_does_not_lead_to_the_decommission()
    {
        var id = await mesh.StartAsync(SpecText.For("foreign-at-gate", """ "gates": [ { "before": "Decommission", "deadline": "1h" } ] """));
        await mesh.ReachesAsync(id, "Gate");
        await TellAsync(id, TrafficIncidentKind.SplitChanged, weightY: 30);
        await mesh.ReachesAsync(id, "Paused");
        using var approved = await mesh.OperateAsync(id, "approve");
        Assert.Equal(System.Net.HttpStatusCode.Conflict, approved.StatusCode);

        using var resumed = await mesh.OperateAsync(id, "resume");
        await mesh.ReachesAsync(id, "Gate");
        Assert.Equal([(1, false), (2, false), (2, true)], ShiftsOf(id));
        Assert.DoesNotContain("decommission-x", mesh.Script.StepNames(id));
        await AbortAsync(id);
    }

    [Fact]
    public async Task A_foreign_change_while_a_step_is_at_work_pauses_after_it()
    {
        var (begun, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        mesh.Script.On<ShiftTraffic>(async (command, token) =>
        {
            begun.TrySetResult();
            await release.Task.WaitAsync(token);
            throw new StepFailedException(new Failure { Code = FailureCodes.SplitForeign, Message = "somebody else's", Remedy = "stop them" });
        });
        var id = await mesh.StartAsync(SpecText.For("foreign-in-shift"));
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        await TellAsync(id, TrafficIncidentKind.SplitChanged, weightY: 70);
        await Eventually.HoldsAsync("the alert", async () => (await mesh.TimelineAsync(id)).Any(static e => e.Kind == "alert"));
        Assert.Equal("Shift", (await mesh.ReadAsync(id)).State);

        release.SetResult();
        await mesh.ReachesAsync(id, "Paused");
        mesh.Script.Heal<ShiftTraffic>();
        using var resumed = await mesh.OperateAsync(id, "resume");
        await mesh.ReachesAsync(id, "Completed");
        Assert.Equal([(1, false), (1, true), (2, false)], ShiftsOf(id));
    }

    [Fact]
    public async Task A_differing_share_pauses_and_a_resume_goes_on_where_it_stood()
    {
        var id = await DwellingAsync("share");
        await TellAsync(id, TrafficIncidentKind.ShareDiffers, weightY: 10);
        Assert.Equal(FailureCodes.SplitNotInForce, (await mesh.ReachesAsync(id, "Paused")).Failure!.Code);

        mesh.Script.Heal<WatchTraffic>();
        using var resumed = await mesh.OperateAsync(id, "resume");
        await mesh.ReachesAsync(id, "Completed");
        Assert.Equal([(1, false), (2, false)], ShiftsOf(id));
    }

    [Fact]
    public async Task What_is_told_twice_or_of_an_earlier_epoch_is_only_written_down()
    {
        var id = await DwellingAsync("repeated");
        await TellAsync(id, TrafficIncidentKind.ShareDiffers, weightY: 10);
        await mesh.ReachesAsync(id, "Paused");
        using var resumed = await mesh.OperateAsync(id, "resume");
        await mesh.ReachesAsync(id, "Shift");
        await TellAsync(id, TrafficIncidentKind.ShareDiffers, weightY: 10);
        await TellAsync(id, TrafficIncidentKind.DeadManRestored, weightY: 0, epoch: 0);
        await Eventually.HoldsAsync("three stories", async () => (await mesh.TimelineAsync(id)).Count(static e => e.Kind == "traffic-incident") == 3);
        Assert.Equal(("Shift", 10), ((await mesh.ReadAsync(id)).State, (await mesh.ReadAsync(id)).WeightY));
        await AbortAsync(id);

        await TellAsync(id, TrafficIncidentKind.BreakGlassRestored, weightY: 0);
        await Eventually.HoldsAsync("a story after the end", async () => (await mesh.TimelineAsync(id)).Count(static e => e.Kind == "traffic-incident") == 4);
        Assert.Equal("Aborted", (await mesh.ReadAsync(id)).State);
    }

    [Fact]
    public async Task While_rolling_back_an_incident_is_only_written_down()
    {
        var release = new TaskCompletionSource();
        mesh.Script.On<RestoreTraffic>(async (command, token) =>
        {
            await release.Task.WaitAsync(token);
            return AgentScript.Success(command);
        });
        var id = await DwellingAsync("incident-in-rollback");
        using var asked = await mesh.OperateAsync(id, "rollback");
        await mesh.ReachesAsync(id, "RollingBack");
        await TellAsync(id, TrafficIncidentKind.ReflexRestored, weightY: 0);
        await Eventually.HoldsAsync("the story", async () => (await mesh.TimelineAsync(id)).Any(static e => e.Kind == "traffic-incident"));
        release.SetResult();
        Assert.Equal(FailureCodes.EndedByOperator, (await mesh.ReachesAsync(id, "RolledBack")).Failure!.Code);
        Assert.Single(mesh.Script.Commands.OfType<RestoreTraffic>(), c => c.Step.UpgradeId == id);
    }

    [Fact]
    public async Task The_drill_is_told_with_its_times_and_left_out_where_the_spec_says_so()
    {
        var id = await mesh.StartAsync(SpecText.For("drilled"));
        await mesh.ReachesAsync(id, "Completed");
        Assert.Contains(
            await mesh.TimelineAsync(id),
            static e => e.Message == "The way back was tried: 1 % to cluster Y in 0.08 s, all back on cluster X in 0.04 s");

        var without = await mesh.StartAsync(SpecText.For("undrilled").Replace("\"driver\"", "\"drill\": false, \"driver\"", StringComparison.Ordinal));
        await mesh.ReachesAsync(without, "Completed");
        Assert.DoesNotContain("drill-traffic", mesh.Script.StepNames(without));
    }

    [Fact]
    public async Task A_drill_that_fails_ends_the_run_before_any_step()
    {
        mesh.Script.Fail<DrillTraffic>(FailureCodes.ClusterUnfit);
        var id = await mesh.StartAsync(SpecText.For("drill-fails"));
        Assert.Equal(FailureCodes.ClusterUnfit, (await mesh.ReachesAsync(id, "RolledBack")).Failure!.Code);
        Assert.Equal(["drill-traffic", "restore-traffic", "lift-fences"], mesh.Script.StepNames(id).TakeLast(3));
    }

    [Fact]
    public async Task The_end_lets_the_traffic_agent_go_of_the_split()
    {
        mesh.Script.OnWatch(static watch => watch.Spec.Cluster == "released-back" && watch.Purpose == WatchPurpose.Step ? Verdict.Failed : Verdict.Passed);
        await Task.WhenAll(ReleasesAsync("released-done", "Completed"), ReleasesAsync("released-back", "RolledBack"));

        async Task ReleasesAsync(string cluster, string state)
        {
            var id = await mesh.StartAsync(SpecText.For(cluster));
            var view = await mesh.ReachesAsync(id, state);
            await Eventually.HoldsAsync("the release", () => Task.FromResult(mesh.Script.Commands.OfType<ReleaseTraffic>().Any(c => c.Step.UpgradeId == id)));
            var release = mesh.Script.Commands.OfType<ReleaseTraffic>().Single(c => c.Step.UpgradeId == id);
            Assert.Equal(view.Epoch, release.Step.Epoch);
            Assert.True(release.Step.Sequence > mesh.Script.Commands
                .Where(c => c.Step.UpgradeId == id && c.Step.Lane == StepLanes.Main && c is not ReleaseTraffic).Max(static c => c.Step.Sequence));
        }
    }

    /// <summary>An upgrade whose first traffic step is in force and not judged yet.</summary>
    private async Task<Guid> DwellingAsync(string cluster)
    {
        mesh.Script.OnWatch(static watch => watch.Purpose == WatchPurpose.Step ? Verdict.Inconclusive : Verdict.Passed);
        var id = await mesh.StartAsync(SpecText.For(cluster).Replace("\"decideWithin\": \"2m\"", "\"decideWithin\": \"1h\"", StringComparison.Ordinal));
        await Eventually.HoldsAsync("10 % on Y", async () => (await mesh.ReadAsync(id)) is { WeightY: 10 });
        return id;
    }

    private Task TellAsync(Guid id, TrafficIncidentKind kind, int weightY, TimeSpan? took = null, int epoch = 1, TimeSpan after = default) =>
        mesh.Services.GetRequiredService<IStepPublisher>().PublishAsync(
            new TrafficIncident
            {
                Step = new StepRef { UpgradeId = id, Cluster = "any", Lane = StepLanes.Main, Name = "shift-traffic", Epoch = epoch, Sequence = 1, Attempt = 1 },
                Agent = "traffic@test",
                Kind = kind,
                Message = "it happened",
                Split = new TrafficSplit { WeightY = weightY },
                At = Happened + after,
                Took = took,
            },
            TestContext.Current.CancellationToken);

    private IEnumerable<(int Step, bool OverForeign)> ShiftsOf(Guid id) =>
        mesh.Script.Commands.OfType<ShiftTraffic>().Where(c => c.Step.UpgradeId == id).Select(static c => (c.TrafficStep, c.OverForeign));

    private async Task AbortAsync(Guid id)
    {
        using var answer = await mesh.OperateAsync(id, "abort");
        await mesh.ReachesAsync(id, "Aborted");
    }
}
