using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.MonitorAgent.Recordings;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Sources.Prometheus;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Sources;
using KongUpgradeMesh.MonitorAgent.Watching;
using KongUpgradeMesh.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>Watches that read a real Prometheus instead of the nodes.</summary>
public sealed class PrometheusOverRealServer(ScrapedNodes scraped) : IAsyncLifetime, IClassFixture<ScrapedNodes>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly RecordingPublisher _publisher = new();
    private readonly KongStatusSource _direct = new(TimeProvider.System);
    private readonly string _directory = Directory.CreateTempSubdirectory("kum-prometheus-").FullName;
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly KongNode _x = scraped.X;
    private readonly KongNode _y = scraped.Y;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        (_y.Rate, _y.Errors, _y.Instead) = (ScrapedNodes.RateY, 0, null);
        _direct.Dispose();
        _end.Dispose();
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Passes_a_healthy_step_and_is_blind_when_prometheus_is_gone()
    {
        await using var prometheus = await scraped.StartPrometheusAsync();
        var asked = _x.AskedDirectly;
        var healthy = RunAsync(Watch(25, prometheus));
        await ReachesAsync(Verdict.Passed, 0);
        await ReachesAsync(Verdict.Passed, _publisher.Verdicts.Count);

        // Scraped by Prometheus, and by nobody else: the version is asked for but once, in two requests, and after a while again where it could not be told.
        Assert.InRange(_x.AskedDirectly - asked, 1, 6);
        await prometheus.KillAsync();
        var errored = await ReachesAsync(Verdict.Errored, _publisher.Verdicts.Count);
        Assert.Contains(errored.Findings, static f => f.Verdict == Verdict.Errored && f.Message.Contains("Prometheus", StringComparison.Ordinal));
        Assert.DoesNotContain(_publisher.Verdicts, static v => v.Verdict == Verdict.Failed);
        await EndAsync(healthy);
    }

    [Fact]
    public async Task Proves_the_series_of_y_at_the_baseline()
    {
        _y.Rate = 0;
        var run = RunAsync(Watch(0));
        await ReachesAsync(Verdict.Passed, 0);
        Assert.Contains(_publisher.Events, static e => e is WatchEstablished);
        await EndAsync(run);
    }

    [Fact]
    public async Task Finds_errors_on_y()
    {
        _y.Errors = 0.3;
        var run = RunAsync(Watch(25));
        var failed = await ReachesAsync(Verdict.Failed, 0);
        Assert.Equal("error-rate", failed.Findings[0].Indicator);
        await EndAsync(run);
    }

    [Fact]
    public async Task Says_which_series_it_has_not_found()
    {
        using var source = PrometheusSource.Of(new MonitorSpec { Prometheus = Prometheus() with { Job = "other" } }, _direct, TimeProvider.System)!;
        var reading = await source.ReadAsync(_y.Spec, Patience, Token);
        Assert.Null(reading.Ready);
        Assert.Contains($"up{{job=\"other\",instance=\"127.0.0.1:{_y.Spec.Status!.Port}\"", reading.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_cannot_be_scraped_is_not_ready()
    {
        using var source = PrometheusSource.Of(new MonitorSpec { Prometheus = Prometheus() }, _direct, TimeProvider.System)!;
        await ReadAsync(source, static r => r.Ready == true);
        _y.Instead = "<html>\n";
        var reading = await ReadAsync(source, static r => r.Ready == false);
        Assert.Equal("Prometheus could not scrape it", reading.Problem);
    }

    [Theory]
    [InlineData("2.8.5", "status-api-metrics.txt")]
    [InlineData("3.4.2", "status-api-metrics.all-enabled.txt")]
    public async Task What_real_Kong_exposed_comes_through_without_loss(string version, string file)
    {
        Assert.SkipWhen(RequiredServer.RecordedKong is null, RequiredServer.NoRecordings);
        var path = Path.Combine(RequiredServer.RecordedKong!, version, "metrics", file);
        _y.Instead = await File.ReadAllTextAsync(path, Token);
        await using var text = File.OpenRead(path);
        var expected = await KongMetricsReader.ReadAsync(text, ExpositionLimits.Default, Token);
        using var source = PrometheusSource.Of(new MonitorSpec { Prometheus = Prometheus() }, _direct, TimeProvider.System)!;
        var sample = (await ReadAsync(source, r => r.Sample is { } seen && seen.NginxRequests.Equals(expected.NginxRequests))).Sample!;
        Assert.NotNull(sample.MeasuredAt);
        Assert.Equal(expected.Families, sample.Families);
        Assert.Equivalent(expected.Requests, sample.Requests, strict: true);
        Assert.Equal(expected.RequestLatency.Count, sample.RequestLatency.Count);
        Assert.Equal(expected.KongLatency.Milliseconds, sample.KongLatency.Milliseconds, tolerance: 1e-6);
        Assert.Equal(expected.Latencies.Count, sample.Latencies.Count);
        Assert.All(expected.Latencies, l => Assert.Equal(l.Value.Values, sample.Latencies[l.Key].Values));
        Assert.Equal(expected.Targets.Count, sample.Targets.Count);
        Assert.Equal(expected.Version, sample.Version);
    }

    private async Task EndAsync(Task watch)
    {
        await _end.CancelAsync();
        await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private PrometheusSpec Prometheus(PrometheusServer? other = null) => new() { Url = (other ?? scraped.Prometheus).Address, Interval = ScrapedNodes.Interval };

    private WatchTraffic Watch(int weightY, PrometheusServer? other = null) =>
        Specs.Watch(weightY, weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step, MonitorSpec.DefaultFor(Prometheus(other)), [_x.Spec], [_y.Spec]);

    private Task<NodeReading> ReadAsync(PrometheusSource source, Func<NodeReading, bool> accept) =>
        Eventually.ReachesAsync("the reading", () => source.ReadAsync(_y.Spec, Patience, Token), accept, Patience, Token);

    private async Task<VerdictReached> ReachesAsync(Verdict verdict, int skip)
    {
        await Eventually.ReachesAsync(
            $"verdict {verdict}",
            () => Task.FromResult(string.Join("; ", _publisher.Verdicts.TakeLast(2).Select(static v => $"{v.Verdict} {v.Findings[0].Message}"))),
            _ => _publisher.Verdicts.Skip(skip).Any(v => v.Verdict == verdict),
            Patience,
            Token);
        return _publisher.Verdicts.Skip(skip).First(v => v.Verdict == verdict);
    }

    private Task<IStepEvent> RunAsync(WatchTraffic command) =>
        Handlers.New(_direct, _directory).RunAsync(new StepContext<WatchTraffic>(command, "monitor@test", _publisher), _end.Token);
}
