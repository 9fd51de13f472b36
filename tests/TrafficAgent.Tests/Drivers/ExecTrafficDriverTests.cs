using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>The documented program, examples/traffic/haproxy_map.py, before a real HAProxy.</summary>
public sealed class ExecTrafficDriverTests : TrafficDriverConformance
{
    protected override async Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y) => await ExternalTestBalancer.StartProgramAsync(x, y);
}
