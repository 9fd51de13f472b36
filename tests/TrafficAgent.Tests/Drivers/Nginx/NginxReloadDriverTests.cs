using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class NginxReloadDriverTests : TrafficDriverConformance
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

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => driver.ApplyAsync(Record(1, 2, 25), overForeign: true, Token));

        Assert.Contains(failure.Details, static d => d.Contains("no_such_variable", StringComparison.Ordinal));
        Assert.Contains(failure.Details, static d => d.StartsWith("Read back", StringComparison.Ordinal));
        Assert.Equal(before, await File.ReadAllTextAsync(Balancer.KeptFile, Token));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(1, 1, 10)));
    }

    [Fact]
    public async Task A_reload_without_effect_is_not_success()
    {
        // A port that somebody else holds: nginx -t and the reload succeed, and the workers stay what they were.
        await using var taken = await EchoBackend.StartAsync("taken");
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var settings = new Dictionary<string, string>(Balancer.Settings) { ["settle"] = "3s" };
        var configuration = await File.ReadAllTextAsync(settings["configuration"], Token);
        await File.WriteAllTextAsync(settings["configuration"], configuration.Insert(configuration.LastIndexOf('}'), $"server {{ listen 127.0.0.1:{taken.Port}; }}\n"), Token);

        var failure = await FailsAsync(FailureCodes.SplitNotInForce, () => Balancer.Factory.Create(new DriverSettings(settings)).ApplyAsync(Record(1, 2, 25), false, Token));

        Assert.Contains(failure.Details, static d => d.Contains("the split before is still in force (10 % on Y", StringComparison.Ordinal));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(1, 1, 10)));
        Assert.Contains("10%", await File.ReadAllTextAsync(Balancer.KeptFile, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_that_cannot_be_asked_for_leaves_nothing_for_the_next_start()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var before = await File.ReadAllTextAsync(Balancer.KeptFile, Token);
        var pidFile = Balancer.Settings["pidFile"];
        File.Move(pidFile, pidFile + ".away"); // How nginx finds its master; its workers serve on.
        try
        {
            var failure = await FailsAsync(FailureCodes.BalancerUnreachable, () => Driver.ApplyAsync(Record(1, 2, 25), false, Token));

            Assert.Contains(failure.Details, static d => d.Contains("the split before is still in force (10 % on Y", StringComparison.Ordinal));
            Assert.Equal(before, await File.ReadAllTextAsync(Balancer.KeptFile, Token));
        }
        finally
        {
            File.Move(pidFile + ".away", pidFile, overwrite: true); // nginx -t leaves an empty one.
        }

        Assert.True((await Driver.ReadAsync(Token)).Is(Record(1, 1, 10)));
    }

    [Fact]
    public async Task A_file_that_cannot_be_replaced_leaves_the_split_in_force()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        Directory.CreateDirectory(Balancer.KeptFile + ".kum-new"); // Where the new content would be written; works as root too.

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => Driver.ApplyAsync(Record(1, 2, 25), false, Token));

        Assert.Contains(failure.Details, static d => d.Contains("the split before is still in force (10 % on Y", StringComparison.Ordinal));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(1, 1, 10)));
    }

    [Fact]
    public async Task The_plan_says_what_the_reloads_cost()
    {
        await Driver.CheckAsync(Wishes() with { Steps = [25, 50, 100] }, Token);

        Assert.Contains(Driver.Limits, static l => l.Contains("3 steps: 3 to 24", StringComparison.Ordinal));
        Assert.Contains(Driver.Limits, static l => l.Contains("worker_shutdown_timeout cuts them", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_configuration_without_the_split_is_refused_in_the_plan()
    {
        var settings = Balancer.Settings;
        var configuration = await File.ReadAllTextAsync(settings["configuration"], Token);
        configuration = configuration
            .Replace($"include {Balancer.KeptFile};", "map \"\" $kum_open { default 0; } map \"\" $kum_side { default x; } map \"\" $kum_generation { default none; }", StringComparison.Ordinal)
            .Replace("$kum_upstream", "kong-x", StringComparison.Ordinal);
        configuration = System.Text.RegularExpressions.Regex.Replace(configuration, "(upstream kong-y \\{ )", $"$1server {await ServerOfXAsync()} backup; ");
        await File.WriteAllTextAsync(settings["configuration"], configuration, Token);

        var problems = await Driver.CheckAsync(Wishes(), Token);

        Assert.Equal(3, problems.Count);
        Assert.Contains(problems, static p => p.StartsWith("nginx does not include", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.StartsWith("Nothing in nginx's configuration uses $kum_upstream", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains(" share ", StringComparison.Ordinal));

        async Task<string> ServerOfXAsync() =>
            System.Text.RegularExpressions.Regex.Match(await File.ReadAllTextAsync(settings["configuration"], Token), @"upstream kong-x \{ server (\S+);").Groups[1].Value;
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

    protected override async Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y) => await NginxTestBalancer.StartAsync(x, y, lua: false);
}
