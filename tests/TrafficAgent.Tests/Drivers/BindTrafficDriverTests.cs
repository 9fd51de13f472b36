using System.Net;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class BindTrafficDriverTests : DnsTrafficDriverTests
{
    private static readonly IPAddress SecondAddress = IPAddress.Parse("127.0.0.2");

    [Fact]
    public async Task Waits_for_every_server_of_the_zone_s_NS_records()
    {
        await using var balancer = await DnsTestBalancer.StartAsync(async (directory, layout) =>
            await BindServer.StartAsync(directory, layout with { Secondaries = [new IPEndPoint(SecondAddress, layout.Port)] }));
        var second = balancer.Server.Layout with { Address = SecondAddress, Primary = balancer.Server.EndPoint, Secondaries = [] };
        var directory = Directory.CreateTempSubdirectory("kum-dns-").FullName;
        await using var secondary = await KnotServer.StartAsync(directory, second, cancellationToken: Token);
        var driver = balancer.Factory.Create(new DriverSettings(new Dictionary<string, string>(balancer.Settings) { ["settle"] = "10s" }));

        Assert.Empty(await driver.CheckAsync(Wishes(), Token));
        await driver.ApplyAsync(Record(1, 1, 100), false, Token);
        Assert.DoesNotContain(false, await LookupCensus.TakeAsync(secondary.EndPoint, DnsLayout.Name, DnsTestBalancer.AddressesY.ToHashSet(), 20, Token));
        Assert.Equal(400, (await driver.VerifyAsync(Record(1, 1, 100), Token)).Requests);

        await driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.DoesNotContain(true, await LookupCensus.TakeAsync(secondary.EndPoint, DnsLayout.Name, DnsTestBalancer.AddressesY.ToHashSet(), 20, Token));

        await secondary.KillAsync();
        await FailsAsync(FailureCodes.BalancerUnreachable, () => With("settle", "1s", "server", balancer.Server.EndPoint.ToString(), "port", $"{balancer.Server.EndPoint.Port}").ApplyAsync(Record(2, 1, 10), false, Token));
        Assert.True((await driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_written_is_named_and_changes_nothing()
    {
        Directory.CreateDirectory(Path.Combine(Dns.Server.Files, "zone.db.jnl"));

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => Driver.ApplyAsync(Record(1, 1, 10), false, Token));

        Assert.True(failure.IsTransient);
        Assert.Contains("journal", failure.Remedy, StringComparison.Ordinal);
        var seen = await Driver.ReadAsync(Token);
        Assert.Equal(TrafficSplit.AllOnX, seen.Split);
        Assert.Null(seen.Record);
    }

    [Fact]
    public async Task A_server_that_stays_behind_is_named_and_no_further_step_is_taken()
    {
        // It serves a copy of the zone that nobody tells of changes.
        await using var behind = await DnsTestBalancer.StartAsync(async (directory, layout) => await BindServer.StartAsync(directory, layout, isStatic: true));
        var driver = With("servers", $"{Dns.Server.EndPoint}, {behind.Server.EndPoint}", "settle", "1s");

        var failure = await FailsAsync(FailureCodes.SplitNotInForce, () => driver.ApplyAsync(Record(1, 1, 10), false, Token));
        Assert.Contains(behind.Server.EndPoint.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Contains("rndc refresh", failure.Remedy, StringComparison.Ordinal);
        Assert.True(failure.IsTransient);
        Assert.Single(await driver.CheckAsync(Wishes(), Token));

        await FailsAsync(FailureCodes.SplitNotInForce, () => driver.ApplyAsync(Record(1, 2, 50), false, Token));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(1, 1, 10)));
    }

    [Fact]
    public void The_documented_configuration_is_the_one_under_test() =>
        DocumentedConfiguration.IsIn("dns.md", "update-policy", Dns.Server.ConfigurationFile, DnsLayout.Secret);

    protected override async Task<ZoneServer> StartServerAsync(string directory, DnsLayout layout, bool isStatic) =>
        await BindServer.StartAsync(directory, layout, isStatic);
}
