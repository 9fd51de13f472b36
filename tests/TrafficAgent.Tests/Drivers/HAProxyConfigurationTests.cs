using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>What the configuration that docs/traffic/haproxy.md gives promises beside the split.</summary>
public sealed class HAProxyConfigurationTests : IAsyncLifetime
{
    private readonly Guid _upgrade = Guid.NewGuid();
    private EchoBackend _x = null!;
    private EchoBackend _y = null!;
    private HAProxyTestBalancer _balancer = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _x = await EchoBackend.StartAsync("x");
        _y = await EchoBackend.StartAsync("y");
        _balancer = await HAProxyTestBalancer.StartAsync(_x, _y);
    }

    public async ValueTask DisposeAsync()
    {
        await _balancer.DisposeAsync();
        await _x.DisposeAsync();
        await _y.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Long_connections_of_the_side_that_lost_all_traffic_are_cut_where_that_is_the_rule(bool cut)
    {
        var driver = Driver(("shutdownSessions", cut ? "true" : "false"));
        using var onX = await LongConnection.OpenAsync(_balancer.FrontendPort, Token);
        Assert.Equal("x", onX.Side);

        await driver.ApplyAsync(Record(1, 1, 99), false, Token);
        Assert.True(await onX.LivesAsync(Token));
        await driver.ApplyAsync(Record(1, 2, 100), false, Token);
        Assert.NotEqual(cut, await onX.LivesAsync(Token));

        using var onY = await LongConnection.OpenAsync(_balancer.FrontendPort, Token);
        Assert.Equal("y", onY.Side);
        await driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.NotEqual(cut, await onY.LivesAsync(Token));
    }

    [Theory]
    [InlineData("X-KUM-Opt-In: y")]
    [InlineData("Cookie: a=b; kum-opt-in=y")]
    public async Task Who_opts_in_goes_to_Y_from_the_first_percent_and_to_X_after_a_restore(string header)
    {
        var driver = Driver();
        using var client = new RawClient(_balancer.FrontendPort) { MoreHeaders = header + "\r\n" };
        Assert.Equal("x", await client.SendAsync("internal", Token));

        await driver.ApplyAsync(Record(1, 1, 1), false, Token);
        Assert.Equal("y", await client.SendAsync("internal", Token));

        await driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.Equal("x", await client.SendAsync("internal", Token));
    }

    [Fact]
    public async Task A_dead_side_is_never_made_up_for_by_the_other()
    {
        await Driver().ApplyAsync(Record(1, 1, 100), false, Token);
        await _y.StopAsync();
        using var client = new RawClient(_balancer.FrontendPort);

        var failure = await Assert.ThrowsAsync<IOException>(() => client.SendAsync("any", Token));

        Assert.Contains("503", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_keeps_split_and_record()
    {
        var record = Record(1, 1, 50);
        await Driver().ApplyAsync(record, false, Token);
        var before = await KeyCensus.TakeAsync(_balancer.FrontendPort, 400, Token);

        await _balancer.Server.ReloadAsync(Token);

        Assert.True((await Driver().ReadAsync(Token)).Is(record));
        Assert.Equal(before, await KeyCensus.TakeAsync(_balancer.FrontendPort, 400, Token));
    }

    [Fact]
    public async Task A_restart_with_an_old_file_is_seen_as_our_older_record_and_gives_way_to_the_newer_one()
    {
        await Driver().ApplyAsync(Record(1, 1, 10), false, Token);
        await Driver(("mapFile", "none")).ApplyAsync(Record(1, 2, 50), false, Token);
        await _balancer.KillAsync();
        await _balancer.StartAgainAsync();

        Assert.True((await Driver().ReadAsync(Token)).Is(Record(1, 1, 10)));
        await Driver().ApplyAsync(Record(1, 2, 50), false, Token);
        Assert.True((await Driver().ReadAsync(Token)).Is(Record(1, 2, 50)));
    }

    [Fact]
    public async Task A_restore_holds_against_an_old_file_with_more_on_Y()
    {
        await Driver().ApplyAsync(Record(1, 1, 50), false, Token);
        await Driver(("mapFile", "none")).RestoreAsync(Record(2, 0, 0), Token);
        await _balancer.KillAsync();
        await _balancer.StartAgainAsync();
        Assert.Equal(50, (await Driver().ReadAsync(Token)).Split.WeightY);

        await Driver().RestoreAsync(Record(2, 0, 0), Token);
        await _balancer.KillAsync();
        await _balancer.StartAgainAsync();
        Assert.True((await Driver().ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_documented_configuration_is_the_one_that_the_tests_run(bool agentCheck)
    {
        await using var balancer = await HAProxyTestBalancer.StartAsync(_x, _y, agentCheck);
        var running = (await File.ReadAllLinesAsync(balancer.Server.ConfigurationFile, Token)).Select(static l => l.Trim()).ToHashSet();
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "traffic", "haproxy.md"), Token);
        var block = page.Split(agentCheck ? "```haproxy agent-check\n" : "```haproxy\n")[1].Split("```")[0]
            .Replace("/etc/haproxy/kum/kum.map", balancer.Server.Map, StringComparison.Ordinal)
            .Replace("10.0.0.7 agent-port 9707", "127.0.0.1 agent-port " + balancer.Settings.GetValueOrDefault("listen", ":").Split(':')[1], StringComparison.Ordinal);

        var documented = block.Split('\n').Select(static l => l.Trim()).Where(static l => l.Length > 0 && !l.StartsWith('#')).ToList();

        Assert.NotEmpty(documented);
        Assert.All(documented, l => Assert.Contains(l, running));
    }

    private ITrafficDriver Driver(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>(_balancer.Settings);
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return _balancer.Factory.Create(new DriverSettings(settings));
    }

    private TrafficRecord Record(int epoch, int step, int weightY) =>
        new() { UpgradeId = _upgrade, Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weightY } };
}
