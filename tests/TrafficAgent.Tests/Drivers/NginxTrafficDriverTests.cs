using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class NginxTrafficDriverTests : TrafficDriverConformance
{
    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(100)]
    public async Task Probes_the_share_without_asking_Kong(int weightY)
    {
        await Driver.ApplyAsync(Record(1, 1, weightY), false, Token);

        var share = (await Driver.VerifyAsync(Record(1, 1, weightY), Token)).ShareY!.Value;

        Assert.InRange(share, (weightY / 100.0) - 0.2, (weightY / 100.0) + 0.2);
    }

    [Fact]
    public async Task A_share_that_does_not_follow_the_key_is_not_in_force()
    {
        var settings = new Dictionary<string, string>(Balancer.Settings) { ["key"] = "$remote_addr" };
        var driver = Balancer.Factory.Create(new DriverSettings(settings));
        await driver.ApplyAsync(Record(1, 1, 50), false, Token);

        await FailsAsync(FailureCodes.SplitNotInForce, () => driver.VerifyAsync(Record(1, 1, 50), Token));
    }

    [Fact]
    public async Task Puts_the_former_file_back_when_nginx_refuses_the_new_one()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var before = await File.ReadAllTextAsync(Balancer.KeptFile, Token);
        var settings = new Dictionary<string, string>(Balancer.Settings) { ["key"] = "$no_such_variable" };
        var driver = Balancer.Factory.Create(new DriverSettings(settings));

        await FailsAsync(FailureCodes.BalancerRefused, () => driver.ApplyAsync(Record(1, 2, 25), overForeign: true, Token));

        Assert.Equal(before, await File.ReadAllTextAsync(Balancer.KeptFile, Token));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(1, 1, 10)));
    }

    [Fact]
    public async Task A_reload_without_effect_is_not_success()
    {
        // A port that somebody else holds: nginx -t and the reload succeed, and the workers stay what they were.
        await using var taken = await EchoBackend.StartAsync("taken");
        var settings = Balancer.Settings;
        var configuration = await File.ReadAllTextAsync(settings["configuration"], Token);
        await File.WriteAllTextAsync(settings["configuration"], configuration.Insert(configuration.LastIndexOf('}'), $"server {{ listen 127.0.0.1:{taken.Port}; }}\n"), Token);

        await FailsAsync(FailureCodes.SplitNotInForce, () => Driver.ApplyAsync(Record(1, 1, 10), false, Token));
    }

    [Fact]
    public async Task A_write_interrupted_before_its_reload_is_finished_by_the_next_try()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var first = await File.ReadAllTextAsync(Balancer.KeptFile, Token);
        await Driver.ApplyAsync(Record(1, 2, 25), false, Token);
        var second = await File.ReadAllTextAsync(Balancer.KeptFile, Token);
        await Driver.RestoreAsync(Record(2, 0, 0), Token);
        await Driver.ApplyAsync(Record(3, 1, 10), false, Token);
        Assert.NotEqual(first, second);

        var filed = await File.ReadAllTextAsync(Balancer.KeptFile, Token);
        await Driver.ApplyAsync(Record(3, 2, 25), false, Token);
        await File.WriteAllTextAsync(Balancer.KeptFile, filed, Token);

        Assert.False((await Driver.ReadAsync(Token)).Tampered);
        await Driver.ApplyAsync(Record(3, 2, 25), false, Token);
        Assert.Contains("25%", await File.ReadAllTextAsync(Balancer.KeptFile, Token), StringComparison.Ordinal);
    }

    protected override async Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y) => await NginxTestBalancer.StartAsync(x, y);
}
