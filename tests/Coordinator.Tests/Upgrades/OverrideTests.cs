using System.Net;
using System.Net.Http.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Coordinator.Tests.Support;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Coordinator.Tests.Upgrades;

/// <summary>Once a verdict has failed, only a named override with a reason goes on.</summary>
[Collection("coordinator")]
public sealed class OverrideTests(CoordinatorFixture mesh) : IDisposable
{
    private const string Reason = "known since March, ticket 4711";

    private static readonly VerdictFinding Good = new() { Indicator = "ready-nodes", Verdict = Verdict.Passed, Message = "All nodes are ready." };

    public void Dispose()
    {
        mesh.Script.Heal<WatchTraffic>();
        mesh.Script.Heal<RunStagingTests>();
    }

    [Fact]
    public async Task A_failed_verdict_that_pauses_goes_on_only_by_naming_every_finding()
    {
        FailSteps(Bad("error-rate", "orders"), Bad("status-404", "basket"));
        var id = await mesh.StartAsync(PausingOnFailed("override"));
        var paused = await mesh.ReachesAsync(id, "Paused");
        Assert.Equal((10, FailureCodes.VerdictFailed), (paused.WeightY, paused.Failure!.Code));
        Assert.Equal(["error-rate:orders", "status-404:basket"], paused.FailedFindings.Select(static f => FindingRef.Of(f).ToString()));

        await RefusesAsync(id, "because", [], "error-rate:orders failed and is not overridden", "status-404:basket failed and is not overridden");
        await RefusesAsync(id, Reason, ["error-rate:orders"], "status-404:basket failed and is not overridden");
        await RefusesAsync(id, Reason, ["error-rate:other", "status-404"], "error-rate:other names nothing that failed", "error-rate:orders failed");
        await RefusesAsync(id, "short", ["error-rate", "status-404"], "a reason of at least 10 characters");
        Assert.Equal("Paused", (await mesh.ReadAsync(id)).State);
        var explained = await mesh.Http.GetFromJsonAsync<Explanation>($"/api/v1/upgrades/{id}/explain", CoordinatorFixture.Json);
        Assert.Contains($"kum resume {id} --override 'error-rate:orders' --override 'status-404:basket' --reason 'WHY'", explained!.Commands);

        using var accepted = await mesh.OperateAsync(id, "resume", Reason, "error-rate:orders", "status-404");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var completed = await mesh.ReachesAsync(id, "Completed");

        Assert.Equal(["error-rate:orders", "status-404"], completed.Overrides.Select(static o => o.Finding.ToString()));
        Assert.Null(completed.Failure);
        var told = mesh.Script.Commands.OfType<WatchTraffic>().Where(w => w.Step.UpgradeId == id).ToList();
        Assert.Empty(told[0].Overrides);
        var word = told[^1].Overrides[0];
        Assert.Equal((new FindingRef("error-rate", "orders"), Reason, "tester"), (word.Finding, word.Reason, word.Actor));
        var entries = (await mesh.TimelineAsync(id)).Where(static e => e.Kind == "override").ToList();
        Assert.Equal([("tester", $"Overrode error-rate:orders: {Reason}"), ("tester", $"Overrode status-404: {Reason}")], entries.Select(static e => (e.Actor, e.Message)));
        Assert.Contains("5.5", entries[0].Data.GetRawText(), StringComparison.Ordinal); // The numbers it was said about.
    }

    [Fact]
    public async Task A_hard_stop_is_not_overridden_and_told_once_while_paused()
    {
        FailSteps(Bad("ready-nodes", null));
        var id = await mesh.StartAsync(PausingOnFailed("hard-stop"));
        await mesh.ReachesAsync(id, "Paused");

        await RefusesAsync(id, Reason, ["ready-nodes"], "ready-nodes is a hard stop, which nobody can override");
        await RefusesAsync(id, Reason, [], "ready-nodes failed and is not overridden");
        var explained = await mesh.Http.GetFromJsonAsync<Explanation>($"/api/v1/upgrades/{id}/explain", CoordinatorFixture.Json);
        Assert.Equal([$"kum rollback {id}", $"kum abort {id}"], explained!.Commands);
        Assert.Single(await mesh.TimelineAsync(id), static e => e.Kind == "alert");

        using var back = await mesh.OperateAsync(id, "rollback");
        await mesh.ReachesAsync(id, "RolledBack");
    }

    [Fact]
    public async Task An_override_is_refused_where_nothing_has_failed_or_the_command_knows_none()
    {
        var id = await mesh.StartAsync(SpecText.For("nothing-failed", """ "gates": [ { "before": "Shift" } ] """));
        await mesh.ReachesAsync(id, "Gate");
        using var approve = await mesh.OperateAsync(id, "approve", Reason, "error-rate");
        Assert.Equal(HttpStatusCode.BadRequest, approve.StatusCode);
        Assert.Contains("only resume and retry can override", await approve.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var malformed = await mesh.OperateAsync(id, "resume", Reason, ":orders");
        Assert.Equal(HttpStatusCode.BadRequest, malformed.StatusCode);
        using var abort = await mesh.OperateAsync(id, "abort");
        await mesh.ReachesAsync(id, "Aborted");
    }

    [Fact]
    public async Task After_a_rollback_a_retry_judges_anew_and_may_carry_an_override()
    {
        FailSteps(Bad("latency", null));
        var id = await mesh.StartAsync(SpecText.For("retry-override"));
        await mesh.ReachesAsync(id, "RolledBack");
        using var wrong = await mesh.OperateAsync(id, "retry", Reason, "latencies");
        Assert.Equal(HttpStatusCode.Conflict, wrong.StatusCode);

        using var retried = await mesh.OperateAsync(id, "retry", Reason, "latency");
        var view = await mesh.ReadAsync(id);
        Assert.Equal((3, "latency"), (view.Epoch, Assert.Single(view.Overrides).Finding.ToString()));
        Assert.Empty(view.FailedFindings);
        Assert.Contains("5.5", Assert.Single(await mesh.TimelineAsync(id), static e => e.Kind == "override").Data.GetRawText(), StringComparison.Ordinal);
        using var abort = await mesh.OperateAsync(id, "abort");
        await mesh.ReachesAsync(id, "Aborted");
    }

    [Fact]
    public async Task A_failed_verdict_at_a_gate_pauses_and_the_gate_is_asked_after_the_override()
    {
        var turn = new TaskCompletionSource();
        mesh.Script.OnWatchTurning(WatchPurpose.Soak, turn.Task);
        var spec = PausingOnFailed("override-gate").Replace("\"backup\"", """ "gates": [ { "before": "Decommission" } ], "backup" """, StringComparison.Ordinal);
        var id = await mesh.StartAsync(spec);
        await mesh.ReachesAsync(id, "Gate");
        turn.SetResult();
        await mesh.ReachesAsync(id, "Paused");
        mesh.Script.Heal<WatchTraffic>();
        using var resumed = await mesh.OperateAsync(id, "resume", Reason, "error-rate");
        await mesh.ReachesAsync(id, "Gate");
        Assert.DoesNotContain("decommission-x", mesh.Script.StepNames(id));
        using var abort = await mesh.OperateAsync(id, "abort");
        await mesh.ReachesAsync(id, "Aborted");
    }

    [Fact]
    public async Task A_pause_that_is_asked_for_before_a_gate_does_not_lead_past_it()
    {
        var release = new TaskCompletionSource();
        mesh.Script.On<RunStagingTests>(async (command, token) =>
        {
            await release.Task.WaitAsync(token);
            return AgentScript.Success(command);
        });
        var id = await mesh.StartAsync(SpecText.For("pause-gate", """ "gates": [ { "before": "Shift" } ] """));
        await mesh.ReachesAsync(id, "Stage");
        using var paused = await mesh.OperateAsync(id, "pause");
        release.SetResult();
        await mesh.ReachesAsync(id, "Paused");

        using var resumed = await mesh.OperateAsync(id, "resume");
        Assert.NotNull((await mesh.ReachesAsync(id, "Gate")).Deadline);
        Assert.DoesNotContain("shift-traffic", mesh.Script.StepNames(id));
        using var abort = await mesh.OperateAsync(id, "abort");
        await mesh.ReachesAsync(id, "Aborted");
    }

    private static string PausingOnFailed(string cluster) => SpecText.For(cluster, """ "monitor": { "onFailed": "pause" } """)
        .Replace("\"decideWithin\"", "\"reflex\": false, \"decideWithin\"", StringComparison.Ordinal);

    private static VerdictFinding Bad(string indicator, string? route) => new()
    {
        Indicator = indicator, Route = route, Verdict = Verdict.Failed, Message = $"{indicator} is worse on Y.", ValueX = 0.5, ValueY = 5.5, SamplesX = 900, SamplesY = 100,
    };

    // As the monitor does it: what is overridden is still found, and does not count. A failed verdict is repeated.
    private void FailSteps(params VerdictFinding[] bad) => mesh.Script.OnFindings(watch =>
    {
        IReadOnlyList<VerdictFinding> findings = watch.Purpose == WatchPurpose.Step
            ? [Good, .. bad.Select(b => b with { Override = watch.Overrides.FirstOrDefault(o => o.Finding.Covers(b)) })]
            : [Good];
        return [findings, findings];
    });

    private async Task RefusesAsync(Guid id, string reason, string[] overrides, params string[] because)
    {
        using var refused = await mesh.OperateAsync(id, "resume", reason, overrides);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        var problem = await refused.Content.ReadFromJsonAsync<ApiProblem>(CoordinatorFixture.Json, TestContext.Current.CancellationToken);
        Assert.All(because, b => Assert.Contains(b, problem!.Failure.Message, StringComparison.Ordinal));
    }
}
