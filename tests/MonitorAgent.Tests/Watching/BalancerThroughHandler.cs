using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Sources;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>The whole way of what a declared balancer saw: through the agent's handler to the verdict that is published. Kong's own counters are those of two healthy clusters.</summary>
/// <typeparam name="TPair">The balancer and what is behind it.</typeparam>
public abstract class BalancerThroughHandler<TPair> : IAsyncLifetime
    where TPair : BalancedPair, new()
{
    /// <summary>After how long blindness is told where a test waits for it; elsewhere a machine that stands still for seconds must not count as such.</summary>
    protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    private const string Indicator = "balancer-errors";

    private readonly WatchBench _bench = new();
    private KongNode _x = null!;
    private KongNode _y = null!;

    /// <summary>The balancer.</summary>
    protected TPair Pair { get; } = new();

    public async ValueTask InitializeAsync()
    {
        (_x, _y) = (await KongNode.StartAsync(is3: false, rate: 100), await KongNode.StartAsync(is3: true, rate: 100));
        await Pair.StartAsync();
        Pair.Send(clients: 6);
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        await Pair.DisposeAsync();
        await _x.DisposeAsync();
        await _y.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(500, "5xx on Y")]
    [InlineData(0, "no whole answer")]
    public async Task Passes_while_both_serve_and_fails_when_y_answers_5xx_or_resets_connections(int fault, string said)
    {
        await PassesAsync(TimeSpan.FromSeconds(10));
        (Pair.FaultOfY, Pair.FaultyOnY) = (fault, 2);
        var failed = await _bench.ReachesAsync(Verdict.Failed);
        var findings = failed.Findings.Where(static f => f.Verdict == Verdict.Failed).ToList();
        Assert.Contains(findings, f => f.Message.Contains(said, StringComparison.Ordinal));
        Assert.All(findings, static f => Assert.True(f is { Indicator: Indicator, ValueX: 0, ValueY: > 0, SamplesX: > 0, SamplesY: > 0, BadFor.Ticks: > 0 }, f.ToString()));
        Assert.True(failed.BreachFor > TimeSpan.Zero);
        Assert.Equal(Verdict.Failed, Assert.IsType<VerdictReached>(await _bench.EndAsync()).Verdict);
    }

    [Fact]
    public async Task Begins_no_step_while_it_cannot_be_read()
    {
        var (source, problem) = Pair.Unreadable;
        _ = _bench.Run(Watch(0, source, Soon));
        await BlindAsync(problem);
        Assert.DoesNotContain(_bench.Events, static e => e is WatchEstablished);
        var exception = await Assert.ThrowsAsync<StepFailedException>(_bench.EndAsync);
        Assert.Equal(FailureCodes.MonitorBlind, exception.Failure.Code);
        Assert.Contains(exception.Failure.Details, d => d.Contains(problem, StringComparison.Ordinal));
    }

    /// <summary>Begins a watch and waits until it has passed.</summary>
    protected async Task PassesAsync(TimeSpan blindAfter)
    {
        _ = _bench.Run(Watch(BalancedPair.Weight, Pair.Source, blindAfter));
        var passed = Of(await _bench.ReachesAsync(Verdict.Passed));
        Assert.Equal(3, passed.Count);
        Assert.All(passed, static f => Assert.True(f is { Verdict: Verdict.Passed, ValueX: 0, ValueY: 0, SamplesX: > 0, SamplesY: > 0 }, f.ToString()));
    }

    /// <summary>Waits until the watch says that it does not see what the balancer saw, and why, and fails nobody for it.</summary>
    protected async Task BlindAsync(string why)
    {
        await _bench.ReachesAsync(
            $"blindness: {why}",
            verdict => verdict.Verdict == Verdict.Errored && Of(verdict) is [{ Verdict: Verdict.Errored } finding] && finding.Message.Contains(why, StringComparison.Ordinal));
        Assert.DoesNotContain(_bench.Verdicts, static v => v.Verdict == Verdict.Failed);
    }

    private static List<VerdictFinding> Of(VerdictReached verdict) => [.. verdict.Findings.Where(static f => f.Indicator == Indicator)];

    private WatchTraffic Watch(int weightY, MetricSourceSpec source, TimeSpan blindAfter) => Specs.Watch(
        weightY,
        weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step,
        new MonitorSpec { ScrapeInterval = TimeSpan.FromMilliseconds(250), Window = TimeSpan.FromSeconds(4), BlindAfter = blindAfter, Sources = [source] },
        [_x.Spec],
        [_y.Spec]);
}
