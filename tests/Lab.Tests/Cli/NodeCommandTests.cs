using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Lab.Tests.Running;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Lab.Tests.Cli;

/// <summary>Starting and ending a node.</summary>
public sealed class NodeCommandTests(LabFixture lab)
{
    [Theory]
    [InlineData("2.8.5")]
    [InlineData("3.4.2")]
    public async Task A_node_starts_serves_and_stops(string version)
    {
        await using var kong = await RunningKong.BootstrapAsync(lab, version);
        var ready = await kong.Status.GetAsync("/status/ready", TestContext.Current.CancellationToken);
        Assert.Equal(version == "2.8.5" ? 404 : 200, (int)ready.StatusCode);
        Assert.Contains("Kong is healthy", await kong.Cli.MustAsync("health"), StringComparison.Ordinal);
        Assert.Equal(version + "\n", await kong.Cli.MustAsync("version"));

        var again = await kong.Cli.RunAsync("start");
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("Kong is already running", again.Error, StringComparison.Ordinal);

        Assert.Equal("Kong stopped\n", await kong.Cli.MustAsync("stop"));
        await Eventually.HoldsAsync("the node's end", async () => (await kong.Cli.RunAsync("health")).ExitCode == 1);
    }

    [Fact]
    public async Task Quit_lets_open_requests_finish()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await RunningKong.BootstrapAsync(lab, "2.8.5");
        await kong.PostAsync("/services", new { name = "slow", url = $"http://127.0.0.1:{upstream.Port}" });
        await kong.PostAsync("/services/slow/routes", new { name = "slow", paths = new[] { "/slow" } });
        Assert.Equal(200, await kong.ProxyStatusAsync("/slow"));
        var open = kong.ProxyStatusAsync("/slow?held");
        await Eventually.HoldsAsync("the open request", async () => (await kong.GetAdminAsync("/status"))["server"]!["connections_writing"]!.GetValue<int>() >= 2);
        var quit = kong.Cli.MustAsync("quit", "--timeout", "120");
        await Eventually.HoldsAsync("no new clients", async () => !await ServerProcess.AcceptsAsync(kong.Cli.ProxyPort, TestContext.Current.CancellationToken));
        Assert.False(open.IsCompleted);
        upstream.Release();
        Assert.Equal(200, await open);
        await quit;
        Assert.Equal(1, (await kong.Cli.RunAsync("health")).ExitCode);
    }

    [Fact]
    public async Task Reload_keeps_the_counters()
    {
        await using var kong = await RunningKong.BootstrapAsync(lab, "3.4.2");
        var before = await kong.SampleAsync("kong_nginx_requests_total");
        Assert.Equal("Kong reloaded\n", await kong.Cli.MustAsync("reload"));
        Assert.True(await kong.SampleAsync("kong_nginx_requests_total") > before);
    }

    [Fact]
    public async Task The_environment_wins_over_the_file_and_unknown_keys_are_ignored()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "# comment\npg_database = wrong\nno_such_key = 1 # note\nproxy_listen = 127.0.0.1:1\n", TestContext.Current.CancellationToken);
        var cli = new KongCli("3.4.2", lab.Postgres.Port, await lab.CreateDatabaseAsync());
        await cli.MustAsync("migrations", "bootstrap", "-c", file);
        await cli.MustAsync("check", file);
        await cli.MustAsync("start", "-c", file);
        await using var disposing = cli;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(cli.Prefix, ".kong_env")));
    }
}
