using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>Real requests through a real load balancer; Kong's own counters, which see nothing of what goes wrong here, are those of two healthy clusters.</summary>
/// <typeparam name="TPair">The balancer and what is behind it.</typeparam>
public abstract class BalancerOverRealServer<TPair> : IAsyncLifetime
    where TPair : BalancedPair, new()
{
    /// <summary>How long a watch is.</summary>
    protected const int Seconds = 20;

    private const int Requests = 30;

    private readonly SimulatedCluster _kongX = new("2.8.5", 1) { Rate = Requests / 2.0 };
    private readonly SimulatedCluster _kongY = new("3.4.2", 2) { Rate = Requests / 2.0 };

    /// <summary>The balancer.</summary>
    protected TPair Pair { get; } = new();

    public async ValueTask InitializeAsync() => await Pair.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Pair.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_healthy_y_passes_also_when_the_balancer_is_maintained_amid_the_watch()
    {
        var findings = await WatchAsync(second => second == Seconds / 2 ? Pair.MaintainAsync() : Task.CompletedTask);
        Assert.All(findings, static f => Assert.Equal(Verdict.Passed, f.Verdict));
        Assert.Equal(3, findings.Count);
    }

    [Fact]
    public async Task A_route_that_y_lost_fails_the_step()
    {
        Pair.FaultyOnY = 4;
        var failed = Assert.Single(await WatchAsync(), static f => f.Verdict == Verdict.Failed);
        Assert.Contains("4xx on Y", failed.Message, StringComparison.Ordinal);
        Assert.True(failed is { ValueX: 0, ValueY: > 5, SamplesX: > 10, SamplesY: > 10 });
    }

    [Fact]
    public async Task Connections_that_y_refuses_fail_the_step()
    {
        // HAProxy tries each of these again after a second, so that few rounds must do.
        var findings = await WatchAsync(second => second == Seconds - 4 ? Pair.StopYAsync() : Task.CompletedTask);
        Assert.Contains(findings, static f => f.Verdict == Verdict.Failed && f.Message.Contains("5xx on Y", StringComparison.Ordinal) && f.Message.Contains("got no connection", StringComparison.Ordinal));
        Assert.Contains(findings, static f => f.Verdict == Verdict.Failed && f.Message.Contains("attempts without an answer on Y", StringComparison.Ordinal));
    }

    /// <summary>Sends requests and judges by what the balancer saw, for some seconds.</summary>
    /// <param name="eachSecond">Done before each second's requests, of which it takes the number.</param>
    /// <param name="declared">What the spec says of the balancer; null for what is true.</param>
    protected async Task<List<VerdictFinding>> WatchAsync(Func<int, Task>? eachSecond = null, MetricSourceSpec? declared = null)
    {
        var monitor = new MonitorSpec { Sources = [declared ?? Pair.Source] };
        using var source = Assert.Single(BalancerSources.Of(monitor, TimeProvider.System));
        var watch = new TrafficWatch(Specs.Watch(BalancedPair.Weight, monitor: monitor), null);
        Judgement? judgement = null;
        for (var second = 1; second <= Seconds; second++)
        {
            await (eachSecond?.Invoke(second) ?? Task.CompletedTask);
            await Pair.AskAsync(Requests);
            var at = TimeSpan.FromSeconds(second);
            watch.Record(ClusterSide.X, _kongX.Pass(1), at);
            watch.Record(ClusterSide.Y, _kongY.Pass(1), at);
            watch.Record(0, await source.ReadAsync(TestContext.Current.CancellationToken), at);
            judgement = watch.Judge(at);
        }

        return [.. judgement!.Findings.Where(static f => f.Indicator == "balancer-errors")];
    }
}
