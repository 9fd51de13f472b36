using System.Net;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

public sealed class BalancerOverRealHAProxy : BalancerOverRealServer
{
    private HaproxyServer _haproxy = null!;

    protected override Uri Address => _haproxy.Address;

    protected override MetricSourceSpec Source => new()
    {
        Kind = "haproxy",
        Settings = new Dictionary<string, string> { ["socket"] = _haproxy.Socket, ["backendX"] = HaproxyServer.BackendX, ["backendY"] = HaproxyServer.BackendY, ["timeout"] = "00:00:10" },
    };

    protected override async Task StartAsync(int port, IPEndPoint x, IPEndPoint y)
    {
        _haproxy = await HaproxyServer.StartAsync(Folder, new HaproxyLayout { FrontendPort = port, NodesX = [x], NodesY = [y] });
        await _haproxy.SetWeightAsync(Weight, TestContext.Current.CancellationToken);
    }

    protected override ValueTask StopAsync() => _haproxy.DisposeAsync();

    protected override async Task MaintainAsync()
    {
        await _haproxy.ReloadAsync(TestContext.Current.CancellationToken);
        await _haproxy.SetWeightAsync(Weight, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Without_its_socket_the_watch_is_blind()
    {
        var findings = await WatchAsync(second => second == Seconds / 2 ? Task.Run(() => File.Delete(_haproxy.Socket), TestContext.Current.CancellationToken) : Task.CompletedTask);
        Assert.Equal(Verdict.Errored, Assert.Single(findings).Verdict);
    }
}
