using ARSoft.Tools.Net.Dns;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class PowerDnsTrafficDriverTests : TrafficDriverConformance
{
    private PowerDnsTestBalancer PowerDns => (PowerDnsTestBalancer)Balancer;

    [Fact]
    public void Is_sticky_only_where_the_operator_vouches_for_the_resolvers()
    {
        Assert.True(Driver.Capabilities.IsSticky);
        var driver = With("stableResolvers", "false");
        Assert.False(driver.Capabilities.IsSticky);
        Assert.Single(driver.Capabilities.ProblemsWith(Wishes() with { Sticky = true }));
        Assert.Equal(TrafficAssignment.PerLookup, driver.Capabilities.Assignment);
        Assert.False(driver.Capabilities.ComparesAndSets);
    }

    [Theory]
    [InlineData("apiKey", PowerDnsServer.ApiKey)]
    [InlineData("api", "127.0.0.1:8081")]
    [InlineData("servers", "")]
    public void Settings_that_cannot_work_are_named(string key, string value)
    {
        var failure = Assert.Throws<StepFailedException>(() => With(key, value)).Failure;

        Assert.Equal(FailureCodes.SpecInvalid, failure.Code);
        Assert.Contains(failure.Details, d => d.StartsWith($"traffic.settings.{key} ", StringComparison.Ordinal));
        Assert.DoesNotContain(failure.Details, static d => d.Contains(PowerDnsServer.ApiKey, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(100)]
    public async Task Verifies_by_answers_on_behalf_of_many_clients(int weightY)
    {
        await Driver.ApplyAsync(Record(1, 1, weightY), false, Token);

        var seen = await Driver.VerifyAsync(Record(1, 1, weightY), Token);

        Assert.Equal(200, seen.Requests);
        Assert.InRange(seen.ShareY!.Value, (weightY / 100.0) - 0.2, (weightY / 100.0) + 0.2);
    }

    [Fact]
    public async Task A_share_that_is_not_the_record_s_is_not_in_force()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        await Balancer.ChangeByHandAsync(90);

        await FailsAsync(FailureCodes.SplitNotInForce, () => Driver.VerifyAsync(Record(1, 1, 10), Token));
        await FailsAsync(FailureCodes.SplitNotInForce, () => Driver.VerifyAsync(Record(1, 1, 0), Token));
    }

    [Fact]
    public async Task Cannot_tell_the_share_of_a_server_that_does_not_look_at_client_subnets()
    {
        await using var balancer = await PowerDnsTestBalancer.StartAsync("edns-subnet-processing=no");
        var driver = balancer.Factory.Create(new DriverSettings(balancer.Settings));
        await driver.ApplyAsync(Record(1, 1, 50), false, Token);

        Assert.Null((await driver.VerifyAsync(Record(1, 1, 50), Token)).ShareY);
        await driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.Equal(0, (await driver.VerifyAsync(Record(2, 0, 0), Token)).ShareY);
    }

    [Fact]
    public async Task A_long_time_to_live_is_lowered_ahead_and_put_back_at_the_end()
    {
        await using var balancer = await PowerDnsTestBalancer.StartAsync(ttl: 3600);
        var driver = balancer.Factory.Create(new DriverSettings(balancer.Settings));
        Assert.Empty(await driver.CheckAsync(Wishes(), Token));
        await FailsAsync(FailureCodes.SplitForeign, () => driver.ApplyAsync(Record(1, 1, 50), false, Token));

        var ready = await driver.PrepareAsync(Upgrade, 1, TimeSpan.FromHours(2), Token);

        Assert.InRange(ready!.Value, TimeProvider.System.GetUtcNow().AddMinutes(58), TimeProvider.System.GetUtcNow().AddMinutes(60));
        Assert.Equal([5], (await TtlsAsync(balancer)).Distinct());
        Assert.Equal(3, (await TtlsAsync(balancer)).Count);
        await driver.ApplyAsync(Record(1, 1, 100), false, Token);
        await driver.ReleaseAsync(Upgrade, 1, Token);
        Assert.Equal([3600], (await TtlsAsync(balancer)).Distinct());
        Assert.Equal(100, (await driver.ReadAsync(Token)).Split.WeightY);
    }

    [Fact]
    public async Task Scripts_that_are_switched_off_are_found_at_plan_time_and_never_taken_for_a_split()
    {
        await using var balancer = await PowerDnsTestBalancer.StartAsync("enable-lua-records=no");
        var driver = balancer.Factory.Create(new DriverSettings(new Dictionary<string, string>(balancer.Settings) { ["settle"] = "1s" }));

        var problems = await driver.CheckAsync(Wishes(), Token);
        Assert.Contains(problems, static p => p.Contains("enable-lua-records=yes", StringComparison.Ordinal));
        await FailsAsync(FailureCodes.SplitNotInForce, () => driver.ApplyAsync(Record(1, 1, 50), false, Token));
        await balancer.Factory.Create(new DriverSettings(balancer.Settings)).RestoreAsync(Record(2, 0, 0), Token);
        Assert.True((await driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Theory]
    [InlineData("apiKey", "env:KUM_TEST_POWERDNS_WRONG", "api-key")]
    [InlineData("zone", "test", "create-zone")]
    public async Task What_the_server_refuses_is_named_and_changes_nothing(string key, string value, string remedy)
    {
        Environment.SetEnvironmentVariable("KUM_TEST_POWERDNS_WRONG", "wrong");
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var driver = With(key, value);

        foreach (var attempt in Attempts(driver))
        {
            var failure = await FailsAsync(FailureCodes.BalancerRefused, attempt);
            Assert.Contains(remedy, failure.Remedy, StringComparison.Ordinal);
            Assert.False(failure.IsTransient);
        }

        Assert.True((await Driver.ReadAsync(Token)).Is(Record(1, 1, 10)));
    }

    [Fact]
    public async Task A_name_server_that_is_dead_stops_a_shift_before_it_begins_but_not_the_way_back()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var driver = With("servers", $"{PowerDns.Server.EndPoint}, 127.0.0.1:{LoopbackPorts.Take()}", "settle", "1s");

        await FailsAsync(FailureCodes.BalancerUnreachable, () => driver.ApplyAsync(Record(1, 2, 50), false, Token));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(1, 1, 10)));
        Assert.NotEmpty(await driver.CheckAsync(Wishes(), Token));

        await FailsAsync(FailureCodes.BalancerUnreachable, () => driver.RestoreAsync(Record(2, 0, 0), Token));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Fact]
    public async Task A_frozen_server_is_given_up_within_the_bound()
    {
        PowerDns.Server.Signal("STOP");

        foreach (var attempt in Attempts(With("timeout", "200ms")))
        {
            Assert.True((await FailsAsync(FailureCodes.BalancerUnreachable, attempt)).IsTransient);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("ABORT\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n")]
    public async Task Garbage_is_never_taken_for_success(string garbage)
    {
        using var liar = new Liar(garbage);
        string[] typed = [FailureCodes.BalancerRefused, FailureCodes.BalancerUnreachable];
        foreach (var attempt in Attempts(With("api", $"http://{liar.Address}", "timeout", "500ms")))
        {
            Assert.Contains((await Assert.ThrowsAsync<StepFailedException>(attempt)).Failure.Code, typed);
        }
    }

    [Fact]
    public void The_documented_configuration_is_the_one_under_test() =>
        DocumentedConfiguration.IsIn("powerdns.md", "enable-lua-records", PowerDns.Server.ConfigurationFile, PowerDnsServer.ApiKey);

    [Fact]
    public async Task Many_addresses_need_a_script_of_several_strings()
    {
        var addresses = string.Join(", ", Enumerable.Range(101, 25).Select(static n => $"192.0.2.{n}"));
        var driver = With("addressesY", addresses);

        await driver.ApplyAsync(Record(1, 1, 40), false, Token);

        Assert.True((await driver.ReadAsync(Token)).Is(Record(1, 1, 40)));
        Assert.InRange((await driver.VerifyAsync(Record(1, 1, 40), Token)).ShareY!.Value, 0.2, 0.6);
    }

    [Fact]
    public async Task Restores_over_a_script_that_is_not_understood()
    {
        await PowerDns.PatchAsync(new { name = DnsLayout.Name + ".", type = "LUA", ttl = 5, changetype = "REPLACE", records = new[] { new { content = "A \"ifportup(443, {'192.0.2.1'})\"", disabled = false } } });
        await FailsAsync(FailureCodes.BalancerRefused, () => Driver.ReadAsync(Token));
        await FailsAsync(FailureCodes.BalancerRefused, () => Driver.ApplyAsync(Record(1, 1, 10), false, Token));

        await Driver.RestoreAsync(Record(2, 0, 0), Token);

        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    protected override async Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y) => await PowerDnsTestBalancer.StartAsync();

    private IEnumerable<Func<Task>> Attempts(ITrafficDriver driver) =>
    [
        () => driver.CheckAsync(Wishes(), Token),
        () => driver.ApplyAsync(Record(1, 2, 50), false, Token),
        () => driver.RestoreAsync(Record(2, 0, 0), Token),
    ];

    private ITrafficDriver With(params string[] changes)
    {
        var settings = new Dictionary<string, string>(Balancer.Settings);
        foreach (var pair in changes.Chunk(2))
        {
            settings[pair[0]] = pair[1];
        }

        return Balancer.Factory.Create(new DriverSettings(settings));
    }

    private static async Task<IReadOnlyList<int>> TtlsAsync(PowerDnsTestBalancer balancer)
    {
        using var dns = new DnsClient([balancer.Server.EndPoint.Address], [new TcpClientTransport(balancer.Server.EndPoint.Port)], true, 30_000);
        return [.. (await dns.ResolveAsync(ARSoft.Tools.Net.DomainName.Parse(DnsLayout.Name), RecordType.A, token: Token))!.AnswerRecords.Select(static r => r.TimeToLive)];
    }
}
