using System.Net;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

public sealed class BalancerOverRealNginx : BalancerOverRealServer
{
    private NginxServer _nginx = null!;
    private int _port;

    private string Log => Path.Combine(Folder, "kum.log");

    protected override Uri Address => new($"http://127.0.0.1:{_port}");

    protected override MetricSourceSpec Source => new() { Kind = "nginx", Settings = new Dictionary<string, string> { ["log"] = Log } };

    protected override async Task StartAsync(int port, IPEndPoint x, IPEndPoint y)
    {
        _port = port;
        await File.WriteAllTextAsync(Path.Combine(Folder, "split.conf"), NginxServer.SplitBy("none", Weight));
        _nginx = await NginxServer.StartAsync(Folder, new NginxLayout
        {
            Document = Path.Combine(Repository.Root, "docs", "traffic", "nginx.md"),
            AccessLog = Log,
            FrontendPort = port,
            ControlPort = LoopbackPorts.Take(),
            NodesX = [x],
            NodesY = [y],
        });
    }

    protected override ValueTask StopAsync() => _nginx.DisposeAsync();

    protected override async Task MaintainAsync()
    {
        File.Move(Log, Log + ".1");
        _nginx.ReopenLog();
        await Eventually.HoldsAsync("a new log", () => Task.FromResult(File.Exists(Log)));
    }

    [Fact]
    public async Task A_log_that_nginx_does_not_write_leaves_the_watch_blind()
    {
        var other = Path.Combine(Folder, "other.log");
        await File.WriteAllTextAsync(other, "", TestContext.Current.CancellationToken);
        var finding = Assert.Single(await WatchAsync(declared: Source with { Settings = new Dictionary<string, string> { ["log"] = other } }));
        Assert.Equal(Verdict.Errored, finding.Verdict);
        Assert.Contains("not the counters of the balancer that clients use", finding.Message, StringComparison.Ordinal);
    }
}
