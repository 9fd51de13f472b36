using System.Net;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Sources;
using KongUpgradeMesh.MonitorAgent.Watching;
using KongUpgradeMesh.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>Real requests through a real load balancer; Kong's own counters, which see nothing of what goes wrong here, are those of two healthy clusters.</summary>
public abstract class BalancerOverRealServer : IAsyncLifetime
{
    /// <summary>The split, in percent.</summary>
    protected const int Weight = 50;

    private const int Requests = 30;

    /// <summary>How long a watch is.</summary>
    protected const int Seconds = 20;


    private readonly HttpClient _client = new();
    private readonly SimulatedCluster _kongX = new("2.8.5", 1) { Rate = Requests / 2.0 };
    private readonly SimulatedCluster _kongY = new("3.4.2", 2) { Rate = Requests / 2.0 };
    private WebApplication _x = null!;
    private WebApplication _y = null!;
    private int _asked;

    /// <summary>Every so many requests on Y have lost their route; 0 for none.</summary>
    private int LostOnY { get; set; }

    /// <summary>A directory for the balancer.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("kum-balancer-").FullName;

    /// <summary>Where clients connect.</summary>
    protected abstract Uri Address { get; }

    /// <summary>What the spec says of the balancer.</summary>
    protected abstract MetricSourceSpec Source { get; }

    /// <summary>Starts it.</summary>
    /// <param name="port">Where clients connect.</param>
    /// <param name="x">The node of cluster X.</param>
    /// <param name="y">The node of cluster Y.</param>
    protected abstract Task StartAsync(int port, IPEndPoint x, IPEndPoint y);

    /// <summary>Ends it.</summary>
    protected abstract ValueTask StopAsync();

    /// <summary>What is done to it in ordinary operation, and begins its counters anew.</summary>
    protected abstract Task MaintainAsync();

    public async ValueTask InitializeAsync()
    {
        var ports = LoopbackPorts.Take(3);
        _x = await ServeAsync(ports[1], static _ => 200);
        _y = await ServeAsync(ports[2], number => LostOnY > 0 && number % LostOnY == 0 ? 404 : 200);
        await StartAsync(ports[0], new IPEndPoint(IPAddress.Loopback, ports[1]), new IPEndPoint(IPAddress.Loopback, ports[2]));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await StopAsync();
        await _x.DisposeAsync();
        await _y.DisposeAsync();
        GC.SuppressFinalize(this);
        Directory.Delete(Folder, recursive: true);
    }

    [Fact]
    public async Task A_healthy_y_passes_also_when_the_balancer_is_maintained_amid_the_watch()
    {
        var findings = await WatchAsync(second => second == Seconds / 2 ? MaintainAsync() : Task.CompletedTask);
        Assert.All(findings, static f => Assert.Equal(Verdict.Passed, f.Verdict));
        Assert.Equal(3, findings.Count);
    }

    [Fact]
    public async Task A_route_that_y_lost_fails_the_step()
    {
        LostOnY = 4;
        var failed = Assert.Single(await WatchAsync(), static f => f.Verdict == Verdict.Failed);
        Assert.Contains("4xx on Y", failed.Message, StringComparison.Ordinal);
        Assert.True(failed is { ValueX: 0, ValueY: > 5, SamplesX: > 10, SamplesY: > 10 });
    }

    [Fact]
    public async Task Connections_that_y_refuses_fail_the_step()
    {
        var findings = await WatchAsync(second => second == Seconds / 2 ? _y.StopAsync(TestContext.Current.CancellationToken) : Task.CompletedTask);
        Assert.Contains(findings, static f => f.Verdict == Verdict.Failed && f.Message.Contains("5xx on Y", StringComparison.Ordinal) && f.Message.Contains("got no connection", StringComparison.Ordinal));
        Assert.Contains(findings, static f => f.Verdict == Verdict.Failed && f.Message.Contains("attempts without an answer on Y", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_watch_of_the_agent_reads_it_beside_the_nodes()
    {
        LostOnY = 3;
        await using var x = await KongNode.StartAsync(is3: false, rate: Requests);
        await using var y = await KongNode.StartAsync(is3: true, rate: Requests);
        using var nodes = new KongStatusSource(TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var publisher = new RecordingPublisher();
        var watch = Specs.Watch(Weight, monitor: new MonitorSpec { Sources = [Source] }, from: [x.Spec], to: [y.Spec]);
        var run = Handlers.New(nodes, Folder).RunAsync(new StepContext<WatchTraffic>(watch, "monitor@test", publisher), end.Token);
        var failed = await Eventually.ReachesAsync(
            "a failed verdict",
            async () =>
            {
                await AskAsync();
                return publisher.Verdicts is [.., var last] ? last : null;
            },
            static verdict => verdict?.Verdict == Verdict.Failed,
            TimeSpan.FromMinutes(3),
            end.Token);
        Assert.Contains(failed!.Findings, static f => f is { Indicator: "balancer-errors", Verdict: Verdict.Failed });
        Assert.DoesNotContain(failed.Findings, static f => f.Verdict == Verdict.Failed && f.Indicator != "balancer-errors");
        await end.CancelAsync();
        Assert.IsType<VerdictReached>(await run);
    }

    /// <summary>Sends requests and judges by what the balancer saw, for some seconds.</summary>
    /// <param name="eachSecond">Done before each second's requests, of which it takes the number.</param>
    /// <param name="declared">What the spec says of the balancer; null for <see cref="Source"/>.</param>
    protected async Task<List<VerdictFinding>> WatchAsync(Func<int, Task>? eachSecond = null, MetricSourceSpec? declared = null)
    {
        var monitor = new MonitorSpec { Sources = [declared ?? Source] };
        using var source = Assert.Single(BalancerSources.Of(monitor, TimeProvider.System));
        var watch = new TrafficWatch(Specs.Watch(Weight, monitor: monitor), null);
        Judgement? judgement = null;
        for (var second = 1; second <= Seconds; second++)
        {
            await (eachSecond?.Invoke(second) ?? Task.CompletedTask);
            await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => AskAsync()));
            var at = TimeSpan.FromSeconds(second);
            watch.Record(ClusterSide.X, _kongX.Pass(1), at);
            watch.Record(ClusterSide.Y, _kongY.Pass(1), at);
            watch.Record(0, await source.ReadAsync(TestContext.Current.CancellationToken), at);
            judgement = watch.Judge(at);
        }

        return [.. judgement!.Findings.Where(static f => f.Indicator == "balancer-errors")];
    }

    private async Task AskAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address);
        request.Headers.Add("apikey", $"client-{Interlocked.Increment(ref _asked)}");
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<WebApplication> ServeAsync(int port, Func<int, int> statusOf)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var number = 0;
        app.Run(context =>
        {
            context.Response.StatusCode = statusOf(Interlocked.Increment(ref number));
            return Task.CompletedTask;
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
