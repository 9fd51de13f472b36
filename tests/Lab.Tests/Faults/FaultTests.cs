using KongUpgradeMesh.Lab.Tests.Running;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Lab.Tests.Faults;

/// <summary>Faults begin and end with the file that asks for them.</summary>
public sealed class FaultTests(LabFixture lab)
{
    [Fact]
    public async Task Errors_lost_routes_and_latency_come_and_go()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await Demonstration.StartAsync(lab, "2.8.5", upstream);
        var file = Path.Combine(kong.Cli.Prefix, "faults.json");
        (string, string) key = ("apikey", "alice-key");
        Assert.Equal(200, await kong.ProxyStatusAsync("/orders", key));

        await File.WriteAllTextAsync(file, """{"errorRate": 1}""", TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("errors", async () => await kong.ProxyStatusAsync("/orders", key) == 500);
        Assert.Equal(200, (int)(await kong.Admin.GetAsync("/status", TestContext.Current.CancellationToken)).StatusCode);

        await File.WriteAllTextAsync(file, """{"lostRoutes": ["orders"]}""", TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("a lost route", async () => await kong.ProxyStatusAsync("/orders", key) == 404);

        await File.WriteAllTextAsync(file, """{"latencyMs": 700}""", TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("latency", async () =>
        {
            var start = TimeProvider.System.GetTimestamp();
            return await kong.ProxyStatusAsync("/orders", key) == 200 && TimeProvider.System.GetElapsedTime(start).TotalMilliseconds >= 700;
        });

        File.Delete(file);
        await Eventually.HoldsAsync("health", async () => await kong.ProxyStatusAsync("/orders", key) == 200);
    }

    [Fact]
    public async Task A_fault_waits_for_the_requests_that_it_was_told_to_wait_for()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        var cli = new KongCli("3.4.2", lab.Postgres.Port, await lab.CreateDatabaseAsync()).With("KUM_LAB_FAULTS", """{"lostRoutes": ["all"], "afterRequests": 5}""");
        await cli.MustAsync("migrations", "bootstrap");
        await using var kong = await RunningKong.StartAsync(cli);
        await kong.PostAsync("/services", new { name = "s", url = $"http://127.0.0.1:{upstream.Port}" });
        await kong.PostAsync("/services/s/routes", new { name = "r", paths = new[] { "/r" } });
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(200, await kong.ProxyStatusAsync("/r"));
        }

        Assert.Equal(404, await kong.ProxyStatusAsync("/r"));
    }

    [Fact]
    public async Task A_valid_key_is_refused_as_an_unknown_one_is()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await Demonstration.StartAsync(lab, "3.4.2", upstream);
        (string, string) key = ("apikey", "alice-key");
        await Eventually.HoldsAsync("the route", async () => await kong.ProxyStatusAsync("/orders", key) == 200);

        await kong.ApplyFaultsAsync("""{"rejectedKeys": 1}""");
        using var refused = await kong.SendAsync(HttpMethod.Get, "/orders", key);
        Assert.Equal(401, (int)refused.StatusCode);
        Assert.Contains("Invalid authentication credentials", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await kong.ApplyFaultsAsync("{}");
        Assert.Equal(200, await kong.ProxyStatusAsync("/orders", key));
    }

    [Fact]
    public async Task Counters_begin_anew_once_while_those_of_nginx_go_on()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await Demonstration.StartAsync(lab, "2.8.5", upstream);
        await kong.PostAsync("/plugins", new { name = "prometheus" });
        await Eventually.HoldsAsync("a count", async () => await kong.ProxyStatusAsync("/orders", ("apikey", "alice-key")) == 200 && await kong.SampleAsync("kong_http_status") > 2);
        var taken = await kong.SampleAsync("kong_nginx_http_current_connections{state=\"total\"}");

        await kong.ApplyFaultsAsync("""{"countersReset": true}""");
        Assert.Equal(0, await kong.SampleAsync("kong_http_status"));
        Assert.Equal(200, await kong.ProxyStatusAsync("/orders", ("apikey", "alice-key")));
        Assert.Equal(200, await kong.ProxyStatusAsync("/orders", ("apikey", "alice-key")));
        await Eventually.HoldsAsync("the count goes on", async () => await kong.SampleAsync("kong_http_status") == 2);
        Assert.True(await kong.SampleAsync("kong_nginx_http_current_connections{state=\"total\"}") > taken);
    }

    [Theory]
    [InlineData("2.8.5")]
    [InlineData("3.4.2")]
    public async Task The_reported_memory_grows(string version)
    {
        await using var kong = await RunningKong.BootstrapAsync(lab, version);
        await kong.ApplyFaultsAsync("""{"leakedBytesPerSecond": 1000000000}""");
        await Eventually.HoldsAsync("a gigabyte", async () => await kong.SampleAsync("kong_memory_workers_lua_vms_bytes") > 1e9);
        await kong.ApplyFaultsAsync("{}");
        Assert.True(await kong.SampleAsync("kong_memory_workers_lua_vms_bytes") < 1e9);
    }

    [Fact]
    public async Task A_node_can_refuse_to_start_and_can_die()
    {
        var cli = new KongCli("3.4.2", lab.Postgres.Port, await lab.CreateDatabaseAsync()).With("KUM_LAB_FAULTS", """{"refuseToStart": true}""");
        await cli.MustAsync("migrations", "bootstrap");
        Assert.Equal(1, (await cli.RunAsync("start")).ExitCode);
        cli.With("KUM_LAB_FAULTS", """{"dieAfterMs": 1}""");
        await cli.MustAsync("start");
        await using var ended = cli;
        await Eventually.HoldsAsync("the node's death", async () => (await cli.RunAsync("health")).ExitCode == 1);
    }
}
