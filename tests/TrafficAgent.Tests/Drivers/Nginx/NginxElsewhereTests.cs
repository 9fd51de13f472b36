using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>The mode that reloads with every command run by another program, as <c>ssh lb1 --</c> would run it.</summary>
public sealed class NginxElsewhereTests
{
    private readonly Guid _upgrade = Guid.NewGuid();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shifts_and_restores_and_puts_back_what_nginx_refuses()
    {
        await using var x = await EchoBackend.StartAsync("x");
        await using var y = await EchoBackend.StartAsync("y");
        await using var nginx = await NginxTestBalancer.StartAsync(x, y, lua: false);
        var driver = Driver(nginx, "/usr/bin/env LC_ALL=C");
        var refused = Driver(nginx, "/usr/bin/env LC_ALL=C", ("key", "$no_such_variable"));

        Assert.Empty(await driver.CheckAsync(new TrafficSpec { Driver = "nginx", Settings = nginx.Settings }, Token));
        await driver.ApplyAsync(Record(1, 1, 30), false, Token);
        await driver.VerifyAsync(Record(1, 1, 30), Token);
        var before = await File.ReadAllTextAsync(nginx.KeptFile, Token);
        var failure = await Assert.ThrowsAsync<StepFailedException>(() => refused.ApplyAsync(Record(1, 2, 50), overForeign: true, Token));
        Assert.Equal(FailureCodes.BalancerRefused, failure.Failure.Code);
        Assert.Equal(before, await File.ReadAllTextAsync(nginx.KeptFile, Token));
        await driver.RestoreAsync(Record(2, 0, 0), Token);

        Assert.True((await nginx.Factory.Create(new DriverSettings(nginx.Settings)).ReadAsync(Token)).Is(Record(2, 0, 0)));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.GetDirectoryName(nginx.KeptFile)!), static f => f.Contains(".kum-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_cannot_be_reached_is_unreachable_and_one_that_cannot_be_written_is_refused()
    {
        await using var x = await EchoBackend.StartAsync("x");
        await using var y = await EchoBackend.StartAsync("y");
        await using var nginx = await NginxTestBalancer.StartAsync(x, y, lua: false);
        var script = Path.Combine(Path.GetDirectoryName(nginx.KeptFile)!, "no-connection");
        await File.WriteAllTextAsync(script, "echo ssh: connect to host lb1 port 22: Connection refused >&2; exit 255", Token);

        var unreachable = await Assert.ThrowsAsync<StepFailedException>(() => Driver(nginx, $"/bin/sh {script}").ApplyAsync(Record(1, 1, 10), false, Token));
        Directory.CreateDirectory(nginx.KeptFile + ".kum-new");
        var refused = await Assert.ThrowsAsync<StepFailedException>(() => Driver(nginx, "/usr/bin/env").ApplyAsync(Record(1, 1, 10), false, Token));

        Assert.Equal(FailureCodes.BalancerUnreachable, unreachable.Failure.Code);
        Assert.Contains("Connection refused", unreachable.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(FailureCodes.BalancerRefused, refused.Failure.Code);
        Assert.Contains(refused.Failure.Details, static d => d.Contains("the split before is still in force", StringComparison.Ordinal));
    }

    [Fact]
    public void Words_that_a_shell_would_read_otherwise_are_refused()
    {
        var settings = new Dictionary<string, string>
        {
            ["exec"] = "ssh lb1 --",
            ["file"] = "/etc/nginx/$(id)",
            ["controlUrl"] = "http://127.0.0.1:8099/kum",
            ["upstreamX"] = "kong-x",
            ["upstreamY"] = "kong-y",
        };

        using var factory = new TrafficAgent.Drivers.Nginx.NginxTrafficDriverFactory(new Kong.Programs.ProgramRunner(TimeProvider.System), TimeProvider.System);
        var failure = Assert.Throws<StepFailedException>(() => factory.Create(new DriverSettings(settings)));

        Assert.StartsWith("traffic.settings.file ", Assert.Single(failure.Failure.Details), StringComparison.Ordinal);
    }

    private static ITrafficDriver Driver(NginxTestBalancer nginx, string exec, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>(nginx.Settings) { ["exec"] = exec };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return nginx.Factory.Create(new DriverSettings(settings));
    }

    private TrafficRecord Record(int epoch, int step, int weightY) =>
        new() { UpgradeId = _upgrade, Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weightY } };
}
