using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Judging;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Sources;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

public sealed class WatchOverRealHttp : IAsyncDisposable
{
    private static readonly MonitorSpec Quick = new()
    {
        ScrapeInterval = TimeSpan.FromMilliseconds(250),
        Window = TimeSpan.FromSeconds(4),
        BlindAfter = TimeSpan.FromSeconds(2),
    };

    // For what is not about blindness: a stall of the machine must not blind the watch, nor make a node seem dead.
    private static readonly MonitorSpec Calm = Quick with { BlindAfter = TimeSpan.FromSeconds(30) };

    private readonly WatchBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Establishes_first_and_then_passes_a_healthy_step()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 200);
        await using var y = await KongNode.StartAsync(is3: true, rate: 50);
        _ = _bench.Run(Watch(20, x, y));
        // A first reading that came late has missed what the other cluster has counted meanwhile.
        var passed = await _bench.ReachesAsync("passed with more on X than on Y", static v => v.Verdict == Verdict.Passed && v.RequestsX > v.RequestsY);
        Assert.IsType<WatchEstablished>(_bench.Events[0]);
        Assert.True(passed.RequestsY >= 50);
        Assert.Equal(TimeSpan.Zero, passed.BreachFor);
        Assert.IsType<VerdictReached>(await _bench.EndAsync());
    }

    [Fact]
    public async Task Fails_a_step_with_errors_on_y_and_stays_failed()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 90);
        await using var y = await KongNode.StartAsync(is3: true, rate: 10);
        y.Errors = 0.2;
        var began = TimeProvider.System.GetTimestamp();
        _ = _bench.Run(Watch(10, x, y));
        var failed = await _bench.ReachesAsync(Verdict.Failed);
        Assert.Equal("error-rate", failed.Findings[0].Indicator);
        Assert.InRange(failed.BreachFor, TimeSpan.FromMilliseconds(1), TimeProvider.System.GetElapsedTime(began));
        y.Errors = 0;
        await Eventually.HoldsAsync("the verdict is repeated", () => Task.FromResult(_bench.Verdicts.Count(static v => v.Verdict == Verdict.Failed) >= 2));
        Assert.Equal(Verdict.Failed, _bench.Verdicts[^1].Verdict);
        Assert.Equal(Verdict.Failed, Assert.IsType<VerdictReached>(await _bench.EndAsync()).Verdict);

        // What was recorded meanwhile tells the same.
        var replay = Replay.Of(await _bench.RecordedAsync(), null);
        Assert.Equal(replay.Then.Select(static v => (v.At, v.Verdict)), replay.Now.Select(static v => (v.At, v.Verdict)));
        Assert.Contains("error-rate", replay.Now[^1].Evidence!.Findings[0].Indicator, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Follows_a_ramp_from_nothing_on_y_to_nothing_on_x_within_one_watch()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 400);
        await using var y = await KongNode.StartAsync(is3: true);
        var command = Watch(100, x, y) with { RampFrom = TrafficSplit.AllOnX };
        _ = _bench.Run(command);
        await Eventually.HoldsAsync("both are seen while Y has nothing yet", () => Task.FromResult(_bench.Events.Any(static e => e is WatchEstablished)));
        foreach (var share in new[] { 25, 50, 75, 100 })
        {
            (x.Rate, y.Rate) = (4 * (100 - share), 4 * share);
            var (seenX, seenY) = (x.Answers, y.Answers);
            await Eventually.HoldsAsync($"{share} % are judged", () => Task.FromResult(x.Answers > seenX + 6 && y.Answers > seenY + 6));
        }

        var passed = await _bench.ReachesAsync(Verdict.Passed, _bench.Verdicts.Count);
        Assert.True(passed is { RequestsX: > 100, RequestsY: > 100 }, passed.ToString());
        Assert.DoesNotContain(_bench.Verdicts, static v => v.Verdict == Verdict.Failed);
        Assert.Single(_bench.Events, static e => e is WatchEstablished);
        await _bench.EndAsync();
        var recording = await _bench.RecordedAsync();
        Assert.Equal(0, recording.Header.RampFrom);
        Assert.Contains(Replay.Of(recording, null).Now, static v => v.Verdict == Verdict.Passed);
    }

    [Fact]
    public async Task Passes_a_baseline_without_traffic_on_y_and_remembers_x()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true);
        var command = Watch(0, x, y);
        _ = _bench.Run(command);
        await _bench.ReachesAsync(Verdict.Passed);
        var answers = x.Answers;
        await Eventually.HoldsAsync("more of X is seen", () => Task.FromResult(x.Answers > answers + 16));
        await _bench.EndAsync();
        var reference = await _bench.References.LoadAsync(command.Step.UpgradeId, TestContext.Current.CancellationToken);
        Assert.True(reference!.X.Total > 100);
        // The readings alone are eight a second.
        Assert.InRange(reference.OtherRequestsPerSecondY!.Value, 0, 2);
        Assert.InRange(reference.X.Unmatched, -20, 20);
    }

    [Fact]
    public async Task Never_establishes_a_baseline_while_kong_3_does_not_count()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true);
        y.CountsTraffic = false;
        _ = _bench.Run(Watch(0, x, y, Quick));
        var errored = await ErroredAsync("status_code_metrics");
        Assert.Equal("visibility", errored.Findings[0].Indicator);
        Assert.DoesNotContain(_bench.Events, static e => e is WatchEstablished);
        var exception = await Assert.ThrowsAsync<StepFailedException>(_bench.EndAsync);
        Assert.Equal(FailureCodes.MonitorBlind, exception.Failure.Code);
        Assert.NotEmpty(exception.Failure.Details);
    }

    [Fact]
    public async Task Never_establishes_a_baseline_while_the_proxy_is_not_the_node_that_is_read()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true);
        y.Proxy = x.Spec.Proxy;
        _ = _bench.Run(Watch(0, x, y, Quick));
        await ErroredAsync("moved the counter of");
        Assert.DoesNotContain(_bench.Events, static e => e is WatchEstablished);
        await Assert.ThrowsAsync<StepFailedException>(_bench.EndAsync);
    }

    [Fact]
    public async Task Counters_that_do_not_even_count_the_readings_are_blindness()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true, rate: 100);
        _ = _bench.Run(Watch(50, x, y));
        await _bench.ReachesAsync(Verdict.Passed);
        y.Frozen = true;
        await ErroredAsync("the counters of n1 stand still");
        await _bench.StopAsync();
    }

    [Fact]
    public async Task Fails_when_no_node_of_y_answers_any_more()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        var y = await KongNode.StartAsync(is3: true, rate: 100);
        _ = _bench.Run(Watch(50, x, y));
        await _bench.ReachesAsync(Verdict.Passed);
        await y.DisposeAsync();
        var failed = await _bench.ReachesAsync(Verdict.Failed);
        Assert.Equal("ready-nodes", failed.Findings[0].Indicator);
        await _bench.EndAsync();
    }

    [Theory]
    [InlineData("kong_http_status{service=\"s\",route=\"r\",code=\"200\"} 1")]
    [InlineData("kong_nginx_requests_total NaN\n")]
    [InlineData("<html></html>\n")]
    public async Task Garbage_from_y_is_errored_never_passed(string garbage)
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true, rate: 100);
        y.Instead = garbage;
        _ = _bench.Run(Watch(50, x, y, Quick));
        await _bench.ReachesAsync(Verdict.Errored);
        Assert.DoesNotContain(_bench.Verdicts, static v => v.Verdict is Verdict.Passed);
        Assert.DoesNotContain(_bench.Verdicts.SelectMany(static v => v.Findings), static f => f.Verdict == Verdict.Failed && f.Indicator != "ready-nodes");
        await _bench.StopAsync();
    }

    [Fact]
    public async Task Settings_that_an_older_coordinator_let_through_are_refused_before_anything_is_read()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true, rate: 100);
        var monitor = Quick with { Sources = [new MetricSourceSpec { Kind = NginxSourceSpec.Kind, Settings = new Dictionary<string, string> { ["log"] = "kum.log" } }] };
        var exception = await Assert.ThrowsAsync<StepFailedException>(() => _bench.Run(Specs.Watch(50, WatchPurpose.Step, monitor, [x.Spec], [y.Spec])));
        Assert.Equal(FailureCodes.SpecInvalid, exception.Failure.Code);
        Assert.StartsWith("monitor.sources[0].settings.log ", Assert.Single(exception.Failure.Details), StringComparison.Ordinal);
        Assert.Equal((0, 0), (x.Answers, y.Answers));
    }

    [Fact]
    public async Task A_slow_node_does_not_delay_the_others()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true, rate: 100);
        await using var slow = await KongNode.StartAsync(is3: true, rate: 100);
        slow.Delay = TimeSpan.FromHours(1);
        _ = _bench.Run(Specs.Watch(50, WatchPurpose.Step, Quick, [x.Spec], [y.Spec, slow.Spec with { Name = "n2" }]));
        // A reading asks twice, and that of the slow one is given up after the first: read one after the other, the fast ones would have been asked only twice as often.
        await Eventually.ReachesAsync(
            "the fast nodes are read on",
            () => Task.FromResult((X: x.Answers, Y: y.Answers, Slow: slow.Answers)),
            static asked => asked is { X: > 20, Y: > 20 } && Math.Min(asked.X, asked.Y) > 3 * asked.Slow);
        await _bench.ReachesAsync(Verdict.Errored);
        await _bench.StopAsync();
    }

    [Fact]
    public async Task A_node_that_never_answers_hides_no_fault_of_the_others()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 90);
        await using var y = await KongNode.StartAsync(is3: true, rate: 90);
        await using var silent = await KongNode.StartAsync(is3: true);
        silent.Delay = TimeSpan.FromHours(1);
        y.Errors = 0.2;
        _ = _bench.Run(Specs.Watch(50, WatchPurpose.Step, Quick, [x.Spec], [silent.Spec with { Name = "n0" }, y.Spec]));
        var failed = await _bench.ReachesAsync(Verdict.Failed);
        Assert.Equal("error-rate", failed.Findings[0].Indicator);
        await _bench.StopAsync();
    }

    [Fact]
    public async Task A_clock_that_jumps_an_hour_either_way_fails_nothing_and_ends_nothing()
    {
        var clock = new JumpingClock();
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true, rate: 100);
        var run = _bench.Run(Watch(50, x, y), clock);
        await _bench.ReachesAsync(Verdict.Passed);
        foreach (var jump in new[] { TimeSpan.FromHours(1), TimeSpan.FromHours(-1) })
        {
            var said = _bench.Verdicts.Count;
            clock.Jump(jump);
            await Eventually.HoldsAsync($"passed after a jump of {jump}", () => Task.FromResult(_bench.Verdicts.Skip(said + 1).Any(static v => v.Verdict == Verdict.Passed)));
        }

        Assert.DoesNotContain(_bench.Verdicts, static v => v.Verdict == Verdict.Failed);
        Assert.False(run.IsCompleted);
        await _bench.EndAsync();
    }

    [Fact]
    public async Task A_dead_broker_does_not_stop_the_judging_and_hears_the_newest_verdict_when_it_is_back()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 90);
        await using var y = await KongNode.StartAsync(is3: true, rate: 90);
        _ = _bench.Run(Watch(50, x, y));
        await _bench.ReachesAsync(Verdict.Passed);
        _bench.BrokerAway = true;
        y.Errors = 0.5;
        var answers = y.Answers;
        await Eventually.HoldsAsync("readings go on", () => Task.FromResult(y.Answers > answers + 40));
        _bench.BrokerAway = false;
        await _bench.ReachesAsync(Verdict.Failed);
        await _bench.EndAsync();
    }

    private Task<VerdictReached> ErroredAsync(string because) =>
        _bench.ReachesAsync($"errored, {because}", v => v.Verdict == Verdict.Errored && v.Findings[0].Message.Contains(because, StringComparison.Ordinal));

    private static WatchTraffic Watch(int weightY, KongNode x, KongNode y, MonitorSpec? monitor = null) =>
        Specs.Watch(weightY, weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step, monitor ?? Calm, [x.Spec], [y.Spec]);
}
