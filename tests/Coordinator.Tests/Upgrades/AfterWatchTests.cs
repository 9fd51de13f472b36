using System.Collections.Concurrent;
using System.Net.Http.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Coordinator.Tests.Support;
using KongUpgradeMesh.TestKit;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Coordinator.Tests.Upgrades;

/// <summary>After the point of no return findings are told, once each, and nothing is rolled back.</summary>
[Collection("coordinator")]
public sealed class AfterWatchTests(CoordinatorFixture mesh) : IDisposable
{
    public void Dispose() => mesh.Script.Heal<WatchTraffic>();

    [Fact]
    public async Task Each_new_finding_is_alerted_once_and_stands_in_the_last_entry()
    {
        var errors = Finding("error-rate", "orders", Verdict.Failed);
        var blind = Finding("visibility", null, Verdict.Errored);
        mesh.Script.OnFindings(watch => watch.Purpose == WatchPurpose.After
            ? [[Finding("error-rate", null, Verdict.Passed)], [errors], [errors], [blind], [errors with { Message = "still worse" }, Finding("error-rate", "basket", Verdict.Failed)]]
            : [[Finding("error-rate", null, Verdict.Passed)]]);
        var alerted = new ConcurrentQueue<UpgradeAlerted>();
        var completed = new TaskCompletionSource<UpgradeCompleted>();
        var other = mesh.Services.GetRequiredService<IBusControl>().ConnectReceiveEndpoint("another-system", endpoint =>
        {
            endpoint.Handler<UpgradeAlerted>(context =>
            {
                alerted.Enqueue(context.Message);
                return Task.CompletedTask;
            });
            endpoint.Handler<UpgradeCompleted>(context =>
            {
                if (context.Message.Cluster == "after-alerts")
                {
                    completed.TrySetResult(context.Message);
                }

                return Task.CompletedTask;
            });
        });
        await other.Ready;
        try
        {
            var id = await mesh.StartAsync(Watched("after-alerts"));
            var view = await mesh.ReachesAsync(id, "Completed");

            // Verdicts that are published at once may be consumed in any order; a monitor publishes at most one a second.
            string[] names = ["error-rate:basket", "error-rate:orders", "visibility"];
            Assert.Equal(names, view.Alerts.Select(static f => FindingRef.Of(f).ToString()).Order());
            Assert.Null(view.Failure);
            var timeline = await mesh.TimelineAsync(id);
            var alerts = timeline.Count(static e => e.Kind == "alert" && !e.Message.StartsWith("Point of no return", StringComparison.Ordinal));
            Assert.InRange(alerts, 2, 3); // The last verdict has two new findings for one alert when it overtakes the second.
            Assert.Contains("alerted meanwhile: ", timeline[^1].Message, StringComparison.Ordinal);
            Assert.All(names, n => Assert.Contains($"{n}: ", timeline[^1].Message, StringComparison.Ordinal));
            Assert.Contains(timeline, static e => e.Message.StartsWith("The watch after the end is over; cluster Y was last judged as ", StringComparison.Ordinal));
            var explained = await mesh.Http.GetFromJsonAsync<Explanation>($"/api/v1/upgrades/{id}/explain", CoordinatorFixture.Json);
            Assert.Contains("where nothing rolls back: ", explained!.Summary, StringComparison.Ordinal);

            Assert.Equal(names, (await completed.Task.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System)).Findings.Select(static f => FindingRef.Of(f).ToString()).Order());
            var heard = alerted.Where(a => a.UpgradeId == id).ToList();
            Assert.Equal(names, heard.SelectMany(static a => a.Findings).Select(static f => FindingRef.Of(f).ToString()).Order());
            Assert.All(heard, static a => Assert.Equal(a.Findings[0].Indicator == "visibility" ? FailureCodes.MonitorBlind : FailureCodes.VerdictFailed, a.Failure.Code));
        }
        finally
        {
            await other.StopAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_monitor_that_cannot_judge_after_the_end_is_told_and_does_not_stop_the_end()
    {
        mesh.Script.OnWatch(static watch => watch.Purpose == WatchPurpose.After
            ? throw new StepFailedException(new Failure { Code = FailureCodes.MonitorBlind, Message = "No node was ever seen.", Remedy = "look", IsTransient = true })
            : Verdict.Passed);
        var id = await mesh.StartAsync(Watched("after-blind"));
        var view = await mesh.ReachesAsync(id, "Completed");
        Assert.Equal((FailureCodes.MonitorBlind, Verdict.Errored), (Assert.Single(view.Alerts).Indicator, view.Alerts[0].Verdict));
    }

    [Fact]
    public async Task A_watch_that_must_be_asked_again_takes_its_old_verdict_with_it()
    {
        var watches = 0;
        mesh.Script.OnWatch(watch => watch.Purpose != WatchPurpose.Step || Interlocked.Increment(ref watches) == 1 ? Verdict.Passed : Verdict.Inconclusive);
        var spec = SpecText.For("stale-verdict").Replace("\"dwell\": \"1s\"", "\"dwell\": \"8s\"", StringComparison.Ordinal)
            .Replace("\"decideWithin\": \"2m\"", "\"decideWithin\": \"1s\"", StringComparison.Ordinal);
        var id = await mesh.StartAsync(spec);
        await Eventually.HoldsAsync("the step is judged", async () =>
            mesh.Script.Commands.OfType<WatchTraffic>().Any(w => w.Step.UpgradeId == id && w.Purpose == WatchPurpose.Step)
            && (await mesh.TimelineAsync(id)).Count(static e => e.Kind == "verdict" && e.Message.StartsWith("Cluster Y is as good", StringComparison.Ordinal)) == 2);
        var first = mesh.Script.Commands.OfType<WatchTraffic>().First(w => w.Step.UpgradeId == id && w.Purpose == WatchPurpose.Step);
        var broken = new Failure { Code = FailureCodes.Unexpected, Message = "the watch broke", Remedy = "none", IsTransient = true };
        await mesh.Services.GetRequiredService<IBus>().Publish(
            new Contracts.Steps.StepFailed { Step = first.Step, Agent = "scripted", Failure = broken }, TestContext.Current.CancellationToken);

        Assert.Equal(FailureCodes.VerdictInconclusive, (await mesh.ReachesAsync(id, "Paused")).Failure!.Code);
        Assert.Equal(1, mesh.Script.StepNames(id).Count(static n => n == "shift-traffic"));
        using var abort = await mesh.OperateAsync(id, "abort");
        await mesh.ReachesAsync(id, "Aborted");
    }

    // Long enough for what the monitor says to be heard, also where every message takes a second.
    private static string Watched(string cluster) => SpecText.For(cluster).Replace("\"afterWatch\": \"1s\"", "\"afterWatch\": \"4s\"", StringComparison.Ordinal);

    private static VerdictFinding Finding(string indicator, string? route, Verdict verdict) =>
        new() { Indicator = indicator, Route = route, Verdict = verdict, Message = $"{indicator} {verdict}" };
}
