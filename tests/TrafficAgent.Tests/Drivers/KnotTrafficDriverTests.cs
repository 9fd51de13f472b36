using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TrafficAgent.Drivers;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class KnotTrafficDriverTests : DnsTrafficDriverTests
{
    [Fact]
    public async Task A_server_that_never_changes_the_order_is_found_at_plan_time_and_tells_no_share()
    {
        await using var balancer = await DnsTestBalancer.StartAsync(async (directory, layout) => await KnotServer.StartAsync(directory, layout, rotates: false));
        var driver = balancer.Factory.Create(new DriverSettings(balancer.Settings));

        Assert.Contains("answer-rotation: on", Assert.Single(await driver.CheckAsync(Wishes(), Token)), StringComparison.Ordinal);
        Assert.Empty(await driver.CheckAsync(Wishes() with { Steps = [100] }, Token));
        await driver.ApplyAsync(Record(1, 1, 50), false, Token);
        Assert.Null((await driver.VerifyAsync(Record(1, 1, 50), Token)).ShareY);
    }

    [Fact]
    public void The_documented_configuration_is_the_one_under_test() =>
        DocumentedConfiguration.IsIn("dns.md", "update-owner-name", Dns.Server.ConfigurationFile, DnsLayout.Secret);

    protected override async Task<ZoneServer> StartServerAsync(string directory, DnsLayout layout, bool isStatic) =>
        await KnotServer.StartAsync(directory, layout, isStatic);
}
