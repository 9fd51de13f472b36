using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.MonitorAgent.Judging;
using KongUpgradeMesh.MonitorAgent.Recordings;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Sources;
using KongUpgradeMesh.MonitorAgent.Watching;
using KongUpgradeMesh.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

public sealed class WatchOverRealHttp : IDisposable
{
    private static readonly MonitorSpec Quick = new()
    {
        ScrapeInterval = TimeSpan.FromMilliseconds(250),
        Window = TimeSpan.FromSeconds(4),
        BlindAfter = TimeSpan.FromSeconds(2),
    };

    // For what is not about blindness: a stall of the machine must not blind the watch, nor make a node seem dead.
    private static readonly MonitorSpec Calm = Quick with { BlindAfter = TimeSpan.FromSeconds(30) };

    private readonly RecordingPublisher _publisher = new();
    private readonly KongStatusSource _source = new(TimeProvider.System);
    private readonly DirectoryRecorder _recorder;
    private readonly string _directory = Directory.CreateTempSubdirectory("kum-monitor-").FullName;
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public WatchOverRealHttp() => _recorder = new DirectoryRecorder(Path.Combine(_directory, "recordings"), new RecordingOptions(), TimeProvider.System, NullLogger<DirectoryRecorder>.Instance);

    public void Dispose()
    {
        _end.Dispose();
        _source.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Establishes_first_and_then_passes_a_healthy_step()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 200);
        await using var y = await KongNode.StartAsync(is3: true, rate: 50);
        var run = Run(Watch(20, x, y));
        // A first reading that came late has missed what the other cluster has counted meanwhile.
        var passed = await ReachesAsync(Verdict.Passed, static v => v.RequestsX > v.RequestsY);
        Assert.IsType<WatchEstablished>(_publisher.Events[0]);
        Assert.True(passed.RequestsY >= 50);
        Assert.Equal(TimeSpan.Zero, passed.BreachFor);
        await _end.CancelAsync();
        Assert.IsType<VerdictReached>(await run);
    }

    [Fact]
    public async Task Fails_a_step_with_errors_on_y_and_stays_failed()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 90);
        await using var y = await KongNode.StartAsync(is3: true, rate: 10);
        y.Errors = 0.2;
        var began = TimeProvider.System.GetTimestamp();
        var run = Run(Watch(10, x, y));
        var failed = await ReachesAsync(Verdict.Failed);
        Assert.Equal("error-rate", failed.Findings[0].Indicator);
        Assert.InRange(failed.BreachFor, TimeSpan.FromMilliseconds(1), TimeProvider.System.GetElapsedTime(began));
        y.Errors = 0;
        await Eventually.HoldsAsync("the verdict is repeated", () => Task.FromResult(_publisher.Verdicts.Count(static v => v.Verdict == Verdict.Failed) >= 2));
        Assert.Equal(Verdict.Failed, _publisher.Verdicts[^1].Verdict);
        await _end.CancelAsync();
        Assert.Equal(Verdict.Failed, Assert.IsType<VerdictReached>(await run).Verdict);

        // What was recorded meanwhile tells the same.
        var recording = await Recording.ReadAsync(Assert.Single(Directory.GetFiles(Path.Combine(_directory, "recordings"))), TestContext.Current.CancellationToken);
        var replay = Replay.Of(recording, null);
        Assert.Equal(replay.Then.Select(static v => (v.At, v.Verdict)), replay.Now.Select(static v => (v.At, v.Verdict)));
        Assert.Contains("error-rate", replay.Now[^1].Evidence!.Findings[0].Indicator, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passes_a_baseline_without_traffic_on_y_and_remembers_x()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true);
        var command = Watch(0, x, y);
        var run = Run(command);
        await ReachesAsync(Verdict.Passed);
        var answers = x.Answers;
        await Eventually.HoldsAsync("more of X is seen", () => Task.FromResult(x.Answers > answers + 16));
        await _end.CancelAsync();
        await run;
        var reference = await Store().LoadAsync(command.Step.UpgradeId, TestContext.Current.CancellationToken);
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
        var run = Run(Watch(0, x, y, Quick));
        var errored = await ReachesAsync(Verdict.Errored, "status_code_metrics");
        Assert.Equal("visibility", errored.Findings[0].Indicator);
        Assert.DoesNotContain(_publisher.Events, static e => e is WatchEstablished);
        await _end.CancelAsync();
        var exception = await Assert.ThrowsAsync<StepFailedException>(() => run);
        Assert.Equal(FailureCodes.MonitorBlind, exception.Failure.Code);
        Assert.NotEmpty(exception.Failure.Details);
    }

    [Fact]
    public async Task Never_establishes_a_baseline_while_the_proxy_is_not_the_node_that_is_read()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true);
        y.Proxy = x.Spec.Proxy;
        var run = Run(Watch(0, x, y, Quick));
        await ReachesAsync(Verdict.Errored, "moved the counter of");
        Assert.DoesNotContain(_publisher.Events, static e => e is WatchEstablished);
        await _end.CancelAsync();
        await Assert.ThrowsAsync<StepFailedException>(() => run);
    }

    [Fact]
    public async Task Counters_that_do_not_even_count_the_readings_are_blindness()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true, rate: 100);
        var run = Run(Watch(50, x, y));
        await ReachesAsync(Verdict.Passed);
        y.Frozen = true;
        await ReachesAsync(Verdict.Errored, "the counters of n1 stand still");
        await _end.CancelAsync();
        await run.ContinueWith(static _ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Fails_when_no_node_of_y_answers_any_more()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        var y = await KongNode.StartAsync(is3: true, rate: 100);
        var run = Run(Watch(50, x, y));
        await ReachesAsync(Verdict.Passed);
        await y.DisposeAsync();
        var failed = await ReachesAsync(Verdict.Failed);
        Assert.Equal("ready-nodes", failed.Findings[0].Indicator);
        await _end.CancelAsync();
        await run;
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
        var run = Run(Watch(50, x, y, Quick));
        await ReachesAsync(Verdict.Errored);
        Assert.DoesNotContain(_publisher.Verdicts, static v => v.Verdict is Verdict.Passed);
        Assert.DoesNotContain(_publisher.Verdicts.SelectMany(static v => v.Findings), static f => f.Verdict == Verdict.Failed && f.Indicator != "ready-nodes");
        await _end.CancelAsync();
        await run.ContinueWith(static _ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_slow_node_does_not_delay_the_others()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true, rate: 100);
        await using var slow = await KongNode.StartAsync(is3: true, rate: 100);
        slow.Delay = TimeSpan.FromHours(1);
        var run = Run(Specs.Watch(50, WatchPurpose.Step, Quick, [x.Spec], [y.Spec, slow.Spec with { Name = "n2" }]));
        // A reading asks twice, and that of the slow one is given up after the first: read one after the other, the fast ones would have been asked only twice as often.
        await Eventually.ReachesAsync(
            "the fast nodes are read on",
            () => Task.FromResult((X: x.Answers, Y: y.Answers, Slow: slow.Answers)),
            static asked => asked is { X: > 20, Y: > 20 } && Math.Min(asked.X, asked.Y) > 3 * asked.Slow);
        await ReachesAsync(Verdict.Errored);
        await _end.CancelAsync();
        await run.ContinueWith(static _ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_node_that_never_answers_hides_no_fault_of_the_others()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 90);
        await using var y = await KongNode.StartAsync(is3: true, rate: 90);
        await using var silent = await KongNode.StartAsync(is3: true);
        silent.Delay = TimeSpan.FromHours(1);
        y.Errors = 0.2;
        var run = Run(Specs.Watch(50, WatchPurpose.Step, Quick, [x.Spec], [silent.Spec with { Name = "n0" }, y.Spec]));
        var failed = await ReachesAsync(Verdict.Failed);
        Assert.Equal("error-rate", failed.Findings[0].Indicator);
        await _end.CancelAsync();
        await run.ContinueWith(static _ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_clock_that_jumps_an_hour_either_way_fails_nothing_and_ends_nothing()
    {
        var clock = new JumpingClock();
        await using var x = await KongNode.StartAsync(is3: false, rate: 100);
        await using var y = await KongNode.StartAsync(is3: true, rate: 100);
        var run = Run(Watch(50, x, y), clock);
        await ReachesAsync(Verdict.Passed);
        foreach (var jump in new[] { TimeSpan.FromHours(1), TimeSpan.FromHours(-1) })
        {
            var said = _publisher.Verdicts.Count;
            clock.Jump(jump);
            await Eventually.HoldsAsync($"passed after a jump of {jump}", () => Task.FromResult(_publisher.Verdicts.Skip(said + 1).Any(static v => v.Verdict == Verdict.Passed)));
        }

        Assert.DoesNotContain(_publisher.Verdicts, static v => v.Verdict == Verdict.Failed);
        Assert.False(run.IsCompleted);
        await _end.CancelAsync();
        await run;
    }

    [Fact]
    public async Task A_dead_broker_does_not_stop_the_judging_and_hears_the_newest_verdict_when_it_is_back()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 90);
        await using var y = await KongNode.StartAsync(is3: true, rate: 90);
        var run = Run(Watch(50, x, y));
        await ReachesAsync(Verdict.Passed);
        _publisher.Away = true;
        y.Errors = 0.5;
        var answers = y.Answers;
        await Eventually.HoldsAsync("readings go on", () => Task.FromResult(y.Answers > answers + 40));
        _publisher.Away = false;
        await ReachesAsync(Verdict.Failed);
        await _end.CancelAsync();
        await run;
    }

    private Task<VerdictReached> ReachesAsync(Verdict verdict, string because) =>
        ReachesAsync(verdict, v => v.Findings[0].Message.Contains(because, StringComparison.Ordinal));

    private async Task<VerdictReached> ReachesAsync(Verdict verdict, Func<VerdictReached, bool>? which = null)
    {
        bool Fits(VerdictReached v) => v.Verdict == verdict && which?.Invoke(v) != false;
        await Eventually.ReachesAsync(
            $"verdict {verdict}",
            () => Task.FromResult(string.Join("; ", _publisher.Verdicts.TakeLast(2).Select(static v => $"{v.Verdict} {v.Findings[0].Message}"))),
            _ => _publisher.Verdicts.Any(Fits));
        return _publisher.Verdicts.First(Fits);
    }

    private static WatchTraffic Watch(int weightY, KongNode x, KongNode y, MonitorSpec? monitor = null) =>
        Specs.Watch(weightY, weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step, monitor ?? Calm, [x.Spec], [y.Spec]);

    private FileReferenceStore Store() => Handlers.References(_directory);

    private Task<IStepEvent> Run(WatchTraffic command, TimeProvider? clock = null) =>
        Handlers.New(_source, _directory, clock)
            .RunAsync(new StepContext<WatchTraffic>(command, "monitor@test", _publisher), _end.Token);
}
