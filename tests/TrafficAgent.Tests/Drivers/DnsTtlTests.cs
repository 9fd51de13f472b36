using ARSoft.Tools.Net.Dns;
using ARSoft.Tools.Net.Dns.DynamicUpdate;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Dns;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>A name whose addresses resolvers may keep for an hour, on real servers.</summary>
public sealed class DnsTtlTests
{
    private readonly Guid _upgrade = Guid.NewGuid();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("bind", 0)]
    [InlineData("bind", 100)]
    [InlineData("knot", 100)]
    public async Task It_is_lowered_ahead_and_put_back_at_the_end(string server, int weightYAtTheEnd)
    {
        await using var dns = await StartAsync(server);
        var driver = Driver(dns);

        var ready = await driver.PrepareAsync(_upgrade, 1, TimeSpan.FromHours(2), Token);

        IsInAnHour(ready);
        Assert.Equal(Enumerable.Repeat(5, 9), await dns.TtlsAsync());
        Assert.Equal(TrafficSplit.AllOnX, (await driver.ReadAsync(Token)).Split);
        // A restarted agent waits for the rest, and when that is over for nothing.
        Assert.Equal(ready, await Driver(dns).PrepareAsync(_upgrade, 2, TimeSpan.FromHours(2), Token));
        var published = DnsName.Bind(new DriverSettings(dns.Settings));
        dns.Notes.Write(published, dns.Notes.Find(published)! with { Since = TimeProvider.System.GetUtcNow().AddHours(-1) });
        Assert.Null(await Driver(dns).PrepareAsync(_upgrade, 2, TimeSpan.FromMinutes(1), Token));

        await driver.ApplyAsync(Record(2, weightYAtTheEnd == 0 ? 1 : TrafficRecord.EndOfEpoch, 100), false, Token);
        if (weightYAtTheEnd == 0)
        {
            await driver.RestoreAsync(Record(3, 0, 0), Token);
        }

        await driver.ReleaseAsync(_upgrade, 1, Token); // The end of an epoch that was overtaken.
        await driver.ReleaseAsync(Guid.NewGuid(), 9, Token);
        Assert.Equal([5], (await dns.TtlsAsync()).Distinct());
        await driver.ReleaseAsync(_upgrade, 3, Token);
        Assert.Equal([3600], (await dns.TtlsAsync()).Distinct());
        var left = await driver.ReadAsync(Token);
        Assert.Equal((weightYAtTheEnd, false), (left.Split.WeightY, left.Tampered));
        Assert.Null(dns.Notes.Find(published));
    }

    [Fact]
    public async Task One_that_is_too_long_to_be_waited_for_is_left_as_it_is()
    {
        await using var dns = await StartAsync("bind");

        var failure = await FailsAsync(FailureCodes.DriverCannot, () => Driver(dns).PrepareAsync(_upgrade, 1, TimeSpan.FromMinutes(59), Token));

        Assert.Contains("01:00:00", Assert.Single(failure.Details), StringComparison.Ordinal);
        Assert.Equal([3600], (await dns.TtlsAsync()).Distinct());
    }

    [Fact]
    public async Task A_short_one_is_nobody_s_to_put_back()
    {
        await using var dns = await StartAsync("bind", ttl: 5);
        Assert.Null(await Driver(dns).PrepareAsync(_upgrade, 1, TimeSpan.FromHours(2), Token));

        await Driver(dns).ReleaseAsync(_upgrade, 1, Token);

        Assert.Equal([5], (await dns.TtlsAsync()).Distinct());
    }

    [Fact]
    public async Task A_wait_that_was_not_seen_to_begin_on_every_server_begins_anew()
    {
        await using var dns = await StartAsync("bind");
        var withDead = Driver(dns, ("servers", $"{dns.Server.EndPoint}, 127.0.0.1:{LoopbackPorts.Take()}"), ("settle", "1s"));
        await FailsAsync(FailureCodes.BalancerUnreachable, () => withDead.PrepareAsync(_upgrade, 1, TimeSpan.FromHours(2), Token));

        IsInAnHour(await Driver(dns).PrepareAsync(_upgrade, 1, TimeSpan.FromHours(2), Token));
        await Driver(dns).ReleaseAsync(_upgrade, 1, Token);
        Assert.Equal([3600], (await dns.TtlsAsync()).Distinct());
    }

    [Fact]
    public async Task One_that_somebody_raises_again_before_the_first_shift_stops_it()
    {
        await using var dns = await StartAsync("bind", ttl: 5);
        await RaiseAsync(dns, 3600);

        var failure = await FailsAsync(FailureCodes.SplitForeign, () => Driver(dns).ApplyAsync(Record(1, 1, 10), false, Token));

        Assert.Contains("01:00:00", failure.Message, StringComparison.Ordinal);
        Assert.Null((await Driver(dns).ReadAsync(Token)).Record);
        await Driver(dns).RestoreAsync(Record(2, 0, 0), Token); // The way back asks nothing of the kind.
    }

    private static async Task<DnsTestBalancer> StartAsync(string server, int ttl = 3600)
    {
        var dns = await DnsTestBalancer.StartAsync(async (directory, layout) => server == "bind"
            ? await BindServer.StartAsync(directory, layout)
            : await KnotServer.StartAsync(directory, layout));
        await RaiseAsync(dns, ttl);
        return dns;
    }

    private static Task RaiseAsync(DnsTestBalancer dns, int ttl) => dns.UpdateAsync(
        [new DeleteAllRecordsUpdate(DnsTestBalancer.Name, RecordType.A), .. DnsTestBalancer.AddressesX.Select(a => new AddRecordUpdate(new ARecord(DnsTestBalancer.Name, ttl, a)))]);

    private static ITrafficDriver Driver(DnsTestBalancer dns, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>(dns.Settings);
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return dns.Factory.Create(new DriverSettings(settings));
    }

    private static void IsInAnHour(DateTimeOffset? at) =>
        Assert.InRange(at!.Value, TimeProvider.System.GetUtcNow().AddMinutes(58), TimeProvider.System.GetUtcNow().AddMinutes(60));

    private static async Task<Failure> FailsAsync(string code, Func<Task> action)
    {
        var exception = await Assert.ThrowsAsync<StepFailedException>(action);
        Assert.Equal(code, exception.Failure.Code);
        return exception.Failure;
    }

    private TrafficRecord Record(int epoch, int step, int weightY) =>
        new() { UpgradeId = _upgrade, Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weightY } };
}
