using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Sources.Prometheus;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Sources;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>Watches that read a real Prometheus instead of the nodes.</summary>
public sealed class PrometheusOverRealServer(ScrapedNodes scraped) : IAsyncDisposable, IClassFixture<ScrapedNodes>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly WatchBench _bench = new();
    private readonly KongNode _x = scraped.X;
    private readonly KongNode _y = scraped.Y;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        (_y.Rate, _y.Errors, _y.Instead) = (ScrapedNodes.RateY, 0, null);
        return _bench.DisposeAsync();
    }

    [Fact]
    public async Task Passes_a_healthy_step_and_is_blind_when_prometheus_is_gone()
    {
        await using var prometheus = await scraped.StartPrometheusAsync();
        var asked = _x.AskedDirectly;
        _ = _bench.Run(Watch(25, prometheus.Address));
        await _bench.ReachesAsync(Verdict.Passed);
        await _bench.ReachesAsync(Verdict.Passed, _bench.Verdicts.Count);

        // Scraped by Prometheus, and by nobody else: the version is asked for but once, in two requests, and after a while again where it could not be told.
        Assert.InRange(_x.AskedDirectly - asked, 1, 6);
        await prometheus.KillAsync();
        var errored = await _bench.ReachesAsync(Verdict.Errored, _bench.Verdicts.Count);
        Assert.Contains(errored.Findings, static f => f.Verdict == Verdict.Errored && f.Message.Contains("Prometheus", StringComparison.Ordinal));
        Assert.DoesNotContain(_bench.Verdicts, static v => v.Verdict == Verdict.Failed);
    }

    [Fact]
    public async Task Proves_the_series_of_y_at_the_baseline()
    {
        _y.Rate = 0;
        _ = _bench.Run(Watch(0));
        await _bench.ReachesAsync(Verdict.Passed);
        Assert.Contains(_bench.Events, static e => e is WatchEstablished);
    }

    [Fact]
    public async Task Begins_no_step_while_prometheus_is_away()
    {
        _ = _bench.Run(Watch(0, new Uri($"http://127.0.0.1:{LoopbackPorts.Take()}")));
        await _bench.ReachesAsync(Verdict.Errored);
        Assert.DoesNotContain(_bench.Events, static e => e is WatchEstablished);
        var exception = await Assert.ThrowsAsync<StepFailedException>(_bench.EndAsync);
        Assert.Equal(FailureCodes.MonitorBlind, exception.Failure.Code);
        Assert.Contains(exception.Failure.Details, static d => d.Contains("Prometheus", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Finds_errors_on_y()
    {
        _y.Errors = 0.3;
        _ = _bench.Run(Watch(25));
        var failed = await _bench.ReachesAsync(Verdict.Failed);
        Assert.Equal("error-rate", failed.Findings[0].Indicator);
    }

    [Fact]
    public async Task Says_which_series_it_has_not_found()
    {
        using var source = PrometheusSource.Of(new MonitorSpec { Prometheus = Prometheus() with { Job = "other" } }, _bench.Nodes, TimeProvider.System)!;
        var reading = await source.ReadAsync(_y.Spec, Patience, Token);
        Assert.Null(reading.Ready);
        Assert.Contains($"up{{job=\"other\",instance=\"127.0.0.1:{_y.Spec.Status!.Port}\"", reading.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_cannot_be_scraped_is_not_ready()
    {
        using var source = PrometheusSource.Of(new MonitorSpec { Prometheus = Prometheus() }, _bench.Nodes, TimeProvider.System)!;
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
        using var source = PrometheusSource.Of(new MonitorSpec { Prometheus = Prometheus() }, _bench.Nodes, TimeProvider.System)!;
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

    private PrometheusSpec Prometheus(Uri? other = null) => new() { Url = other ?? scraped.Prometheus.Address, Interval = ScrapedNodes.Interval };

    private WatchTraffic Watch(int weightY, Uri? other = null) =>
        Specs.Watch(weightY, weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step, MonitorSpec.DefaultFor(Prometheus(other)), [_x.Spec], [_y.Spec]);

    private Task<NodeReading> ReadAsync(PrometheusSource source, Func<NodeReading, bool> accept) =>
        Eventually.ReachesAsync("the reading", () => source.ReadAsync(_y.Spec, Patience, Token), accept, Patience, Token);
}
