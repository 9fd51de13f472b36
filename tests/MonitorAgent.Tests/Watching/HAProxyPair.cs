using System.Net;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>A pair behind HAProxy.</summary>
public sealed class HAProxyPair : BalancedPair
{
    private HaproxyServer? _haproxy;

    public override MetricSourceSpec Source => SourceOf(HaproxyServer.BackendY);

    public override (MetricSourceSpec Source, string Problem) Unreadable => (SourceOf("kong-z"), "there is no backend kong-z");

    protected override Uri Address => HAProxy.Address;

    private HaproxyServer HAProxy => _haproxy ?? throw new InvalidOperationException("HAProxy was not started");

    public override async Task MaintainAsync()
    {
        await HAProxy.ReloadAsync(TestContext.Current.CancellationToken);
        await HAProxy.SetWeightAsync(Weight, TestContext.Current.CancellationToken);
    }

    /// <summary>Takes the runtime socket away; clients are served on.</summary>
    public void HideSocket() => File.Delete(HAProxy.Socket);

    protected override async Task StartBalancerAsync(int port, IPEndPoint x, IPEndPoint y)
    {
        _haproxy = await HaproxyServer.StartAsync(Folder, new HaproxyLayout { FrontendPort = port, NodesX = [x], NodesY = [y] }, TestContext.Current.CancellationToken);
        await HAProxy.SetWeightAsync(Weight, TestContext.Current.CancellationToken);
    }

    protected override ValueTask StopBalancerAsync() => _haproxy?.DisposeAsync() ?? ValueTask.CompletedTask;

    private MetricSourceSpec SourceOf(string backendY) => new()
    {
        Kind = HAProxySourceSpec.Kind,
        Settings = new Dictionary<string, string> { ["socket"] = HAProxy.Socket, ["backendX"] = HaproxyServer.BackendX, ["backendY"] = backendY, ["timeout"] = "10s" },
    };
}
