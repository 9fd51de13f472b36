using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>Real requests through a real HAProxy; Kong's own counters, which see nothing of what goes wrong here, are those of two healthy clusters.</summary>
public sealed class BalancerOverRealHAProxy : IAsyncLifetime
{
    private const int Requests = 30;
    private const int Seconds = 20;

    private readonly SimulatedCluster _kongX = new("2.8.5", 1) { Rate = Requests / 2.0 };
    private readonly SimulatedCluster _kongY = new("3.4.2", 2) { Rate = Requests / 2.0 };
    private BalancedPair _pair = null!;

    public async ValueTask InitializeAsync() => _pair = await BalancedPair.StartAsync();

    public ValueTask DisposeAsync() => _pair.DisposeAsync();

    [Fact]
    public async Task A_healthy_y_passes_also_when_haproxy_is_reloaded_amid_the_watch()
    {
        var findings = await WatchAsync(second => second == Seconds / 2 ? _pair.ReloadAsync() : Task.CompletedTask);
        Assert.All(findings, static f => Assert.Equal(Verdict.Passed, f.Verdict));
        Assert.Equal(3, findings.Count);
    }

    [Fact]
    public async Task A_route_that_y_lost_fails_the_step()
    {
        _pair.FaultyOnY = 4;
        var failed = Assert.Single(await WatchAsync(), static f => f.Verdict == Verdict.Failed);
        Assert.Contains("4xx on Y", failed.Message, StringComparison.Ordinal);
        Assert.True(failed is { ValueX: 0, ValueY: > 5, SamplesX: > 10, SamplesY: > 10 });
    }

    [Fact]
    public async Task Connections_that_y_refuses_fail_the_step()
    {
        // HAProxy tries each of these again after a second, so that few rounds must do.
        var findings = await WatchAsync(second => second == Seconds - 4 ? _pair.StopYAsync() : Task.CompletedTask);
        Assert.Contains(findings, static f => f.Verdict == Verdict.Failed && f.Message.Contains("5xx on Y", StringComparison.Ordinal) && f.Message.Contains("got no connection", StringComparison.Ordinal));
        Assert.Contains(findings, static f => f.Verdict == Verdict.Failed && f.Message.Contains("attempts without an answer on Y", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_its_socket_the_watch_is_blind()
    {
        var findings = await WatchAsync(second =>
        {
            if (second == Seconds / 2)
            {
                _pair.HideSocket();
            }

            return Task.CompletedTask;
        });
        Assert.Equal(Verdict.Errored, Assert.Single(findings).Verdict);
    }

    private async Task<List<VerdictFinding>> WatchAsync(Func<int, Task>? eachSecond = null)
    {
        var monitor = new MonitorSpec { Sources = [_pair.Source] };
        var source = Assert.Single(BalancerSources.Of(monitor, TimeProvider.System));
        var watch = new TrafficWatch(Specs.Watch(BalancedPair.WeightY, monitor: monitor), null);
        Judgement? judgement = null;
        for (var second = 1; second <= Seconds; second++)
        {
            await (eachSecond?.Invoke(second) ?? Task.CompletedTask);
            await _pair.AskAsync(Requests);
            var at = TimeSpan.FromSeconds(second);
            watch.Record(ClusterSide.X, _kongX.Pass(1), at);
            watch.Record(ClusterSide.Y, _kongY.Pass(1), at);
            watch.Record(0, await source.ReadAsync(TestContext.Current.CancellationToken), at);
            judgement = watch.Judge(at);
        }

        return [.. judgement!.Findings.Where(static f => f.Indicator == "balancer-errors")];
    }
}
