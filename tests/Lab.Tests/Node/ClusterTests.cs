using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Lab.Tests.Running;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Lab.Tests.Node;

/// <summary>Nodes that share a database, a fence in it, and its loss.</summary>
public sealed class ClusterTests(LabFixture lab)
{
    [Fact]
    public async Task A_second_node_hears_of_a_change_by_itself()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        var database = await lab.CreateDatabaseAsync();
        var firstCli = new KongCli("2.8.5", lab.Postgres.Port, database);
        await firstCli.MustAsync("migrations", "bootstrap");
        await using var first = await RunningKong.StartAsync(firstCli);
        await using var second = await RunningKong.StartAsync(new KongCli("2.8.5", lab.Postgres.Port, database).With("KONG_DB_UPDATE_FREQUENCY", "0.3"));
        await first.PostAsync("/services", new { name = "s", url = $"http://127.0.0.1:{upstream.Port}" });
        await first.PostAsync("/services/s/routes", new { name = "r", paths = new[] { "/r" } });
        Assert.Equal(200, await first.ProxyStatusAsync("/r"));
        await Eventually.HoldsAsync("the route on the second node", async () => await second.ProxyStatusAsync("/r") == 200);
    }

    [Fact]
    public async Task A_fence_refuses_writes_with_500_and_leaves_the_proxy_alone()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        var database = await lab.CreateDatabaseAsync();
        var cli = new KongCli("2.8.5", lab.Postgres.Port, database);
        await cli.MustAsync("migrations", "bootstrap");
        await using var kong = await RunningKong.StartAsync(cli);
        await kong.PostAsync("/services", new { name = "s", url = $"http://127.0.0.1:{upstream.Port}" });
        await kong.PostAsync("/services/s/routes", new { name = "r", paths = new[] { "/r" } });
        await kong.PostAsync("/services/s/plugins", new { name = "rate-limiting", config = new { hour = 1000, policy = "cluster", limit_by = "ip" } });
        await lab.ExecuteAsync(database, """
            CREATE FUNCTION fence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'configuration is frozen' USING ERRCODE = 'KF001'; END $$;
            CREATE TRIGGER fence BEFORE INSERT OR UPDATE OR DELETE ON services FOR EACH ROW EXECUTE FUNCTION fence();
            """);
        using var refused = await kong.Admin.PostAsync("/services", new FormUrlEncodedContent([new("name", "t"), new("host", "x")]), TestContext.Current.CancellationToken);
        Assert.Equal(500, (int)refused.StatusCode);
        Assert.Equal("{\"message\":\"An unexpected error occurred\"}", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(200, await kong.ProxyStatusAsync("/r"));
        await Eventually.HoldsAsync("the counter's row", async () => await lab.ScalarAsync(database, "SELECT value FROM ratelimiting_metrics WHERE period = 'hour'") is 1);
    }

    [Fact]
    public async Task Without_its_database_a_node_keeps_proxying_and_says_so()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await postgres.CreateDatabaseAsync("kong_own", cancellationToken: TestContext.Current.CancellationToken);
        await using var upstream = await EchoUpstream.StartAsync();
        var cli = new KongCli("3.4.2", postgres.Port, "kong_own");
        await cli.MustAsync("migrations", "bootstrap");
        await using var kong = await RunningKong.StartAsync(cli);
        await kong.PostAsync("/services", new { name = "s", url = $"http://127.0.0.1:{upstream.Port}" });
        await kong.PostAsync("/services/s/routes", new { name = "r", paths = new[] { "/r" } });
        await postgres.StopAsync();
        Assert.Equal(200, await kong.ProxyStatusAsync("/r"));
        Assert.Equal(500, (int)(await kong.Admin.GetAsync("/services", TestContext.Current.CancellationToken)).StatusCode);
        Assert.False((bool)(await kong.GetAdminAsync("/status"))["database"]!["reachable"]!);
        Assert.Equal(503, (int)(await kong.Status.GetAsync("/status/ready", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(0, await kong.SampleAsync("kong_datastore_reachable"));
        await postgres.StartProcessAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("the database again", async () => (bool)(await kong.GetAdminAsync("/status"))["database"]!["reachable"]!);
        Assert.Equal(200, (int)(await kong.Admin.GetAsync("/services", TestContext.Current.CancellationToken)).StatusCode);
    }
}
