using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class BindTrafficDriverTests : DnsTrafficDriverTests
{
    protected override async Task<ZoneServer> StartServerAsync(string directory, DnsLayout layout, bool isStatic) =>
        await BindServer.StartAsync(directory, layout, isStatic);
}
