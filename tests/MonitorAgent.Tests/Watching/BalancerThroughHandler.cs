using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Sources;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>The whole way of what a declared HAProxy saw: from its socket through the agent's handler to the verdict that is published. Kong's own counters are those of two healthy clusters.</summary>
public sealed class BalancerThroughHandler : IAsyncLifetime
{
    private const string Indicator = "balancer-errors";

    private readonly WatchBench _bench = new();
    private BalancedPair _pair = null!;
    private KongNode _x = null!;
    private KongNode _y = null!;

    public async ValueTask InitializeAsync()
    {
        _pair = await BalancedPair.StartAsync();
        (_x, _y) = (await KongNode.StartAsync(is3: false, rate: 100), await KongNode.StartAsync(is3: true, rate: 100));
        _pair.Send(clients: 6);
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        await _pair.DisposeAsync();
        await _x.DisposeAsync();
        await _y.DisposeAsync();
    }

    [Theory]
    [InlineData(500, "5xx on Y")]
    [InlineData(0, "no whole answer")]
    public async Task Passes_while_both_serve_and_fails_when_y_answers_5xx_or_resets_connections(int fault, string said)
    {
        _ = _bench.Run(Watch(BalancedPair.WeightY, _pair.Source));
        var passed = await _bench.ReachesAsync(Verdict.Passed);
        Assert.Equal(3, Of(passed).Count);
        Assert.All(Of(passed), static f => Assert.True(f is { Verdict: Verdict.Passed, ValueX: 0, ValueY: 0, SamplesX: > 0, SamplesY: > 0 }));

        (_pair.FaultOfY, _pair.FaultyOnY) = (fault, 2);
        var failed = await _bench.ReachesAsync(Verdict.Failed);
        var findings = failed.Findings.Where(static f => f.Verdict == Verdict.Failed).ToList();
        Assert.Contains(said, findings[0].Message, StringComparison.Ordinal);
        Assert.All(findings, static f => Assert.True(f is { Indicator: Indicator, ValueX: 0, ValueY: > 0, SamplesX: > 0, SamplesY: > 0, BadFor.Ticks: > 0 }, f.ToString()));
        Assert.True(failed.BreachFor > TimeSpan.Zero);
        Assert.Equal(Verdict.Failed, Assert.IsType<VerdictReached>(await _bench.EndAsync()).Verdict);
    }

    [Fact]
    public async Task Is_errored_as_soon_as_its_socket_is_gone()
    {
        _ = _bench.Run(Watch(BalancedPair.WeightY, _pair.Source));
        await _bench.ReachesAsync(Verdict.Passed);
        _pair.HideSocket();
        var errored = await _bench.ReachesAsync(Verdict.Errored);
        var finding = Assert.Single(Of(errored));
        Assert.Equal(Verdict.Errored, finding.Verdict);
        Assert.Contains("No counters of the load balancer", finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_bench.Verdicts, static v => v.Verdict == Verdict.Failed);
    }

    [Fact]
    public async Task Begins_no_step_while_the_balancer_has_no_such_backend()
    {
        _ = _bench.Run(Watch(0, _pair.Source with { Settings = new Dictionary<string, string>(_pair.Source.Settings) { ["backendY"] = "kong-z" } }));
        var errored = await _bench.ReachesAsync(Verdict.Errored);
        Assert.Contains("there is no backend kong-z", Assert.Single(Of(errored)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_bench.Events, static e => e is WatchEstablished);
        var exception = await Assert.ThrowsAsync<StepFailedException>(_bench.EndAsync);
        Assert.Equal(FailureCodes.MonitorBlind, exception.Failure.Code);
        Assert.Contains(exception.Failure.Details, static d => d.Contains("kong-z", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refuses_settings_that_only_an_older_coordinator_lets_through()
    {
        var source = _pair.Source with { Settings = new Dictionary<string, string> { ["sokcet"] = "/run/haproxy.sock", ["backendX"] = "kong", ["backendY"] = "kong" } };
        var exception = await Assert.ThrowsAsync<StepFailedException>(() => _bench.Run(Watch(0, source)));
        Assert.Equal(FailureCodes.SpecInvalid, exception.Failure.Code);
        Assert.Equal(["sokcet", "socket", "backendY"], exception.Failure.Details.Select(static d => d.Split(' ')[0].Replace("monitor.sources[0].settings.", "", StringComparison.Ordinal)));
    }

    private static List<VerdictFinding> Of(VerdictReached verdict) => [.. verdict.Findings.Where(static f => f.Indicator == Indicator)];

    private WatchTraffic Watch(int weightY, MetricSourceSpec source) => Specs.Watch(
        weightY,
        weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step,
        new MonitorSpec { ScrapeInterval = TimeSpan.FromMilliseconds(250), Window = TimeSpan.FromSeconds(4), BlindAfter = TimeSpan.FromSeconds(2), Sources = [source] },
        [_x.Spec],
        [_y.Spec]);
}
