using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Lab.Tests.Running;

namespace KongUpgradeMesh.Lab.Tests.Proxy;

/// <summary>The gateway's own answers, word by word as recorded, and the marks that it leaves on proxied ones.</summary>
public sealed class ProxyAnswerTests(LabFixture lab)
{
    private static readonly string[] Cases =
        ["no-route", "refused", "timeout", "empty-upstream", "no-service", "https-only", "no-key", "bad-key", "acl", "terminated", "rate-limited"];

    [Theory]
    [InlineData("2.8.5")]
    [InlineData("3.4.2")]
    public async Task Gives_the_recorded_answers(string version)
    {
        var recorded = ((JsonArray)Recordings.Json($"{version}/proxy-errors.json")).ToDictionary(r => (string)r!["case"]!, r => r!);
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await RunningKong.BootstrapAsync(lab, version);
        await ConfigureAsync(kong, upstream);

        foreach (var name in Cases)
        {
            var path = name is "no-route" ? "/zzz" : name is "timeout" ? "/timeout?delay=3000" : "/" + name;
            (string, string)[] headers = name switch
            {
                "bad-key" => [("apikey", "wrong")],
                "acl" => [("apikey", "alice-key")],
                _ => [],
            };
            if (name == "rate-limited")
            {
                await kong.ProxyStatusAsync(path);
            }

            using var response = await kong.SendAsync(HttpMethod.Get, path, headers);
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var expected = recorded[name];
            Assert.Equal([name, expected["status"]!.ToString(), expected["body"]!.ToString()], [name, ((int)response.StatusCode).ToString(), body]);
            foreach (var header in (string[])["server", "via", "www-authenticate", "upgrade"])
            {
                var seen = response.Headers.TryGetValues(header, out var values) ? string.Join(", ", values) : null;
                Assert.Equal([name, header, expected["headers"]![header]?.ToString()], [name, header, seen]);
            }
        }
    }

    [Fact]
    public async Task A_proxied_answer_bears_via_and_latencies_and_the_upstream_sees_the_client()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await Demonstration.StartAsync(lab, "3.4.2", upstream);
        using var response = await kong.SendAsync(HttpMethod.Get, "/orders/7?x=1", ("apikey", "alice-key"));
        Assert.Equal("kong/3.4.2", string.Join(',', response.Headers.GetValues("via")));
        Assert.True(response.Headers.Contains("x-kong-upstream-latency"));
        Assert.True(response.Headers.Contains("x-kong-proxy-latency"));
        var seen = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("/base/7?x=1", (string?)seen["url"]);
        Assert.Equal("/orders/7", (string?)seen["headers"]!["x-forwarded-path"]);
        Assert.Equal("/orders", (string?)seen["headers"]!["x-forwarded-prefix"]);
        Assert.Equal("alice", (string?)seen["headers"]!["x-consumer-username"]);
        Assert.Equal($"127.0.0.1:{upstream.Port}", (string?)seen["headers"]!["host"]);
    }

    [Fact]
    public async Task A_peer_that_refuses_is_passed_over_for_the_next()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await RunningKong.BootstrapAsync(lab, "2.8.5");
        await kong.PostAsync("/upstreams", new { name = "pool" });
        await kong.PostAsync("/upstreams/pool/targets", new { target = $"127.0.0.1:{LoopbackPorts.Take()}" });
        await kong.PostAsync("/upstreams/pool/targets", new { target = $"127.0.0.1:{upstream.Port}", weight = 300 });
        await kong.PostAsync("/services", new { name = "s", host = "pool" });
        await kong.PostAsync("/services/s/routes", new { name = "r", paths = new[] { "/" } });
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(200, await kong.ProxyStatusAsync("/x"));
        }
    }

    private static async Task ConfigureAsync(RunningKong kong, EchoUpstream upstream)
    {
        async Task ServiceAsync(string name, object service)
        {
            var made = await kong.PostAsync("/services", service);
            await kong.PostAsync("/routes", new { name, paths = new[] { "/" + name }, service = new { id = (string)made["id"]! } });
        }

        foreach (var name in (string[])["no-key", "bad-key", "acl", "terminated", "rate-limited"])
        {
            await ServiceAsync(name, new { name, url = $"http://127.0.0.1:{upstream.Port}" });
        }

        await ServiceAsync("refused", new { name = "refused", url = $"http://127.0.0.1:{LoopbackPorts.Take()}" });
        await ServiceAsync("timeout", new { name = "timeout", url = $"http://127.0.0.1:{upstream.Port}", read_timeout = 300, retries = 0 });
        await kong.PostAsync("/upstreams", new { name = "nobody" });
        await ServiceAsync("empty-upstream", new { name = "empty-upstream", host = "nobody" });
        await kong.PostAsync("/routes", new { name = "no-service", paths = new[] { "/no-service" } });
        await kong.PostAsync("/services/refused/routes", new { name = "https-only", paths = new[] { "/https-only" }, protocols = new[] { "https" } });
        await kong.PostAsync("/consumers", new { username = "alice" });
        await kong.PostAsync("/consumers/alice/key-auth", new { key = "alice-key" });
        foreach (var name in (string[])["no-key", "bad-key", "acl"])
        {
            await kong.PostAsync($"/services/{name}/plugins", new { name = "key-auth" });
        }

        await kong.PostAsync("/services/acl/plugins", new { name = "acl", config = new { allow = new[] { "admins" } } });
        await kong.PostAsync("/services/terminated/plugins", new { name = "request-termination", config = new { message = "down for maintenance" } });
        await kong.PostAsync("/services/rate-limited/plugins", new { name = "rate-limiting", config = new { hour = 1, policy = "local" } });
    }
}
