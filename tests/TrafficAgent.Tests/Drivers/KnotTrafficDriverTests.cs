using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class KnotTrafficDriverTests : DnsTrafficDriverTests
{
    protected override async Task<ZoneServer> StartServerAsync(string directory, DnsLayout layout, bool isStatic) =>
        await KnotServer.StartAsync(directory, layout, isStatic);
}
