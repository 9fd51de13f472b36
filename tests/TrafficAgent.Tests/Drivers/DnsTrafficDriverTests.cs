using System.Net;
using ARSoft.Tools.Net.Dns;
using ARSoft.Tools.Net.Dns.DynamicUpdate;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>What the dns driver must do on every server that takes signed updates.</summary>
public abstract class DnsTrafficDriverTests : TrafficDriverConformance
{
    protected DnsTestBalancer Dns => (DnsTestBalancer)Balancer;

    [Fact]
    public void Promises_what_addresses_and_time_to_live_allow()
    {
        var promised = Driver.Capabilities;
        Assert.False(promised.IsSticky);
        Assert.True(promised.ComparesAndSets);
        Assert.Equal(TrafficAssignment.PerLookup, promised.Assignment);
        Assert.Equal(TimeSpan.FromSeconds(5), promised.Lag);
        Assert.Equal([10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100], promised.Shares);
    }

    [Fact]
    public void One_address_on_each_side_is_all_half_or_nothing()
    {
        var capabilities = With("addressesX", "192.0.2.1, 2001:db8::1", "addressesY", "192.0.2.101, 2001:db8::101").Capabilities;

        Assert.Equal([50, 100], capabilities.Shares);
        Assert.Equal(50, capabilities.SmallestShare);
    }

    [Theory]
    [InlineData("addressesX", "192.0.2.1, 2001:db8::1", "addressesY")]
    [InlineData("addressesY", "192.0.2.1")]
    [InlineData("addressesX", "192.0.2.1, 192.0.2.1")]
    [InlineData("name", "api.elsewhere.test")]
    [InlineData("server", "ns1.shop.test")]
    [InlineData("tsigSecret", DnsLayout.Secret)]
    [InlineData("tsigAlgorithm", "hmac-md5")]
    [InlineData("ttl", "1500ms")]
    public void Settings_that_cannot_work_are_named(string key, string value, string? named = null)
    {
        var failure = Assert.Throws<StepFailedException>(() => With(key, value)).Failure;

        Assert.Equal(FailureCodes.SpecInvalid, failure.Code);
        Assert.Contains(failure.Details, d => d.StartsWith($"traffic.settings.{named ?? key} ", StringComparison.Ordinal));
        Assert.DoesNotContain(failure.Details, static d => d.Contains(DnsLayout.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verifies_by_the_answers_of_the_server()
    {
        foreach (var (step, weightY) in new[] { (1, 10), (2, 50), (3, 100) })
        {
            await Driver.ApplyAsync(Record(1, step, weightY), false, Token);

            var seen = await Driver.VerifyAsync(Record(1, step, weightY), Token);

            Assert.Equal(200, seen.Requests);
            Assert.InRange(seen.ShareY!.Value, (weightY / 100.0) - 0.2, (weightY / 100.0) + 0.2);
        }
    }

    [Fact]
    public async Task Answers_that_lead_elsewhere_are_not_in_force()
    {
        await Driver.ApplyAsync(Record(1, 1, 100), false, Token);
        await Balancer.ChangeByHandAsync(10);

        await FailsAsync(FailureCodes.SplitNotInForce, () => Driver.VerifyAsync(Record(1, 1, 100), Token));
        await FailsAsync(FailureCodes.SplitNotInForce, () => Driver.VerifyAsync(Record(1, 1, 80), Token));
    }

    [Fact]
    public async Task The_check_changes_nothing()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var before = await SerialAsync();

        Assert.Empty(await Driver.CheckAsync(Wishes(), Token));

        Assert.Equal(before, await SerialAsync());
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(1, 1, 10)));
    }

    [Fact]
    public async Task A_time_to_live_that_somebody_raises_during_the_upgrade_is_a_foreign_change()
    {
        // Who makes it longer makes the way back longer than promised.
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        await Dns.UpdateAsync([new DeleteAllRecordsUpdate(DnsTestBalancer.Name, RecordType.A), .. DnsTestBalancer.Addresses(50, ttl: 3600)]);
        Assert.True((await Driver.ReadAsync(Token)).Tampered);
    }

    [Theory]
    [InlineData("tsigSecret", "env:KUM_TEST_TSIG_WRONG", "BADSIG")]
    [InlineData("tsigKey", "nobody", "17")]
    public async Task A_wrong_key_is_named_and_changes_nothing(string key, string value, string detail)
    {
        Environment.SetEnvironmentVariable("KUM_TEST_TSIG_WRONG", Convert.ToBase64String(new byte[32]));
        await RefusedAsync(With(key, value), "key", detail);
    }

    [Fact]
    public async Task A_name_outside_the_keys_rights_is_named_and_changes_nothing() =>
        await RefusedAsync(With("name", "other." + DnsLayout.Zone, "addressesX", "192.0.2.200", "ttl", "1:00:00"), "docs/traffic/dns.md", "");

    [Fact]
    public async Task A_zone_that_the_server_does_not_serve_is_named()
    {
        var driver = With("zone", "elsewhere.test", "name", "api.elsewhere.test");

        foreach (var attempt in Attempts(driver))
        {
            var failure = await FailsAsync(FailureCodes.BalancerRefused, attempt);
            Assert.Contains("elsewhere.test", failure.Message, StringComparison.Ordinal);
            Assert.Contains("zone", failure.Remedy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_zone_that_is_not_dynamic_is_named_and_changes_nothing()
    {
        await using var balancer = await DnsTestBalancer.StartAsync((directory, layout) => StartServerAsync(directory, layout, isStatic: true));
        var driver = balancer.Factory.Create(new DriverSettings(balancer.Settings));

        await RefusedAsync(driver, "", "", r => r.Split == TrafficSplit.AllOnX);
    }

    [Fact]
    public async Task A_frozen_server_is_given_up_within_the_bound()
    {
        Dns.Server.Signal("STOP");

        foreach (var attempt in Attempts(With("timeout", "200ms")))
        {
            var failure = await FailsAsync(FailureCodes.BalancerUnreachable, attempt);
            Assert.True(failure.IsTransient);
            Assert.Contains("dig @", failure.Remedy, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("\0\u0010................")]
    public async Task Garbage_is_never_taken_for_success(string garbage)
    {
        using var liar = new Liar(garbage);
        string[] typed = [FailureCodes.BalancerRefused, FailureCodes.BalancerUnreachable];
        foreach (var attempt in Attempts(With("server", liar.Address, "timeout", "200ms")))
        {
            Assert.Contains((await Assert.ThrowsAsync<StepFailedException>(attempt)).Failure.Code, typed);
        }
    }

    [Fact]
    public async Task A_server_that_is_dead_stops_a_shift_before_it_begins_but_not_the_way_back()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var driver = With("servers", $"{Dns.Server.EndPoint}, 127.0.0.1:{LoopbackPorts.Take()}", "settle", "1s");

        var failure = await FailsAsync(FailureCodes.BalancerUnreachable, () => driver.ApplyAsync(Record(1, 2, 50), false, Token));
        Assert.Contains("traffic.settings.servers", failure.Remedy, StringComparison.Ordinal);
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(1, 1, 10)));
        Assert.NotEmpty(await driver.CheckAsync(Wishes(), Token));

        // Whether clients reach the dead one is unknown, which is not success; but X is in force on all others by then.
        await FailsAsync(FailureCodes.BalancerUnreachable, () => driver.RestoreAsync(Record(2, 0, 0), Token));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Fact]
    public async Task A_shift_and_a_restore_at_once_end_on_X()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var (late, restore) = (With("settle", "1s").ApplyAsync(Record(1, 2, 50), false, Token), Driver.RestoreAsync(Record(2, 0, 0), Token));

        var outcome = (StepFailedException?)await Xunit.Record.ExceptionAsync(() => late);
        await restore;
        // Whether the shift came first, came too late, or did not see its own effect within the second: it is never the one that stays.
        Assert.True(outcome is null or { Failure.Code: FailureCodes.StepSuperseded or FailureCodes.SplitNotInForce }, outcome?.ToString());

        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Fact]
    public async Task The_server_itself_refuses_what_was_read_before_another_write()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var read = await Dns.RecordsAsync();
        await Driver.RestoreAsync(Record(2, 0, 0), Token);

        Assert.Equal(
            ReturnCode.NXRRSet,
            await Dns.TryUpdateAsync([.. read.Select(static r => new RecordExistsValueDependantPrequisite(r))], [.. DnsTestBalancer.Addresses(50)]));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    protected abstract Task<ZoneServer> StartServerAsync(string directory, DnsLayout layout, bool isStatic);

    protected override async Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y) =>
        await DnsTestBalancer.StartAsync((directory, layout) => StartServerAsync(directory, layout, isStatic: false));

    /// <summary>A driver with some settings changed: key, value, key, value.</summary>
    protected ITrafficDriver With(params string[] changes)
    {
        var settings = new Dictionary<string, string>(Balancer.Settings);
        foreach (var pair in changes.Chunk(2))
        {
            settings[pair[0]] = pair[1];
        }

        return Balancer.Factory.Create(new DriverSettings(settings));
    }

    private IEnumerable<Func<Task>> Attempts(ITrafficDriver driver) =>
    [
        () => driver.CheckAsync(Wishes(), Token),
        () => driver.ApplyAsync(Record(1, 2, 100), false, Token),
        () => driver.RestoreAsync(Record(2, 0, 0), Token),
    ];

    private async Task RefusedAsync(ITrafficDriver driver, string remedy, string detail, Func<Splits.ObservedTraffic, bool>? isUnchanged = null)
    {
        if (isUnchanged is null)
        {
            await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        }

        foreach (var attempt in Attempts(driver))
        {
            var failure = await FailsAsync(FailureCodes.BalancerRefused, attempt);
            Assert.Contains(remedy, failure.Remedy, StringComparison.Ordinal);
            Assert.Contains(detail, Assert.Single(failure.Details), StringComparison.Ordinal);
            Assert.False(failure.IsTransient);
        }

        var seen = await (isUnchanged is null ? Driver : driver).ReadAsync(Token);
        Assert.True(isUnchanged?.Invoke(seen) ?? seen.Is(Record(1, 1, 10)), seen.ToString());
    }

    private async Task<uint> SerialAsync()
    {
        using var dns = new DnsClient([Dns.Server.EndPoint.Address], [new TcpClientTransport(Dns.Server.EndPoint.Port)], true, 30_000);
        var answer = await dns.ResolveAsync(ARSoft.Tools.Net.DomainName.Parse(DnsLayout.Zone), RecordType.Soa, token: Token);
        return ((SoaRecord)answer!.AnswerRecords[0]).SerialNumber;
    }
}
