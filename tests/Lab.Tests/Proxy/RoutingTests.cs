using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.Tests.Running;

namespace KongUpgradeMesh.Lab.Tests.Proxy;

/// <summary>What the two releases take for a match.</summary>
public sealed class RoutingTests(LabFixture lab)
{
    [Fact]
    public async Task In_2_8_a_path_with_special_characters_is_an_expression()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await StartAsync("2.8.5", upstream, new { name = "r", paths = new[] { "/v2/\\d+$" } });
        Assert.Equal(200, await kong.ProxyStatusAsync("/v2/17"));
        Assert.Equal(404, await kong.ProxyStatusAsync("/v2/x"));
    }

    [Fact]
    public async Task In_3_4_only_a_tilde_makes_an_expression()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await StartAsync("3.4.2", upstream, new { name = "plain", paths = new[] { "/v2/\\d+$" } }, new { name = "expression", paths = new[] { "~/v3/\\d+$" } });
        Assert.Equal(404, await kong.ProxyStatusAsync("/v2/17"));
        Assert.Equal(200, await kong.ProxyStatusAsync("/v3/17"));
        Assert.Equal(404, await kong.ProxyStatusAsync("/v3/17x"));
    }

    [Fact]
    public async Task The_longer_path_and_the_host_win()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await StartAsync("2.8.5", upstream,
            new { name = "short", paths = new[] { "/a" } },
            new { name = "long", paths = new[] { "/a/b" }, strip_path = false },
            new { name = "host", paths = new[] { "/a/b" }, hosts = new[] { "*.example.test" } });
        Assert.Equal("/x2", await UrlAsync(kong, "/a/x2"));
        Assert.Equal("/a/b/c", await UrlAsync(kong, "/a/b/c"));
        Assert.Equal("/c", await UrlAsync(kong, "/a/b/c", ("Host", "x.example.test")));
    }

    [Theory]
    [InlineData("2.8.5")]
    [InlineData("3.4.2")]
    public async Task Path_handling_v1_is_played_as_recorded(string version)
    {
        var recorded = File.ReadLines(Path.Combine(Recordings.Folder(), "traps/path_handling-v1.txt"))
            .Where(l => l.StartsWith(version, StringComparison.Ordinal)).Select(l => l.Split(' ')).ToList();
        await using var upstream = await EchoUpstream.StartAsync();
        await using var kong = await RunningKong.BootstrapAsync(lab, version);
        await kong.PostAsync("/services", new { name = "s", url = $"http://127.0.0.1:{upstream.Port}/orders" });
        await kong.PostAsync("/services/s/routes", new { name = "r", paths = new[] { "/", "/public" }, path_handling = "v1" });
        Assert.NotEmpty(recorded);
        foreach (var words in recorded)
        {
            Assert.Equal(words[4], await UrlAsync(kong, words[2]));
        }
    }

    private static async Task<string> UrlAsync(RunningKong kong, string path, params (string, string)[] headers)
    {
        using var response = await kong.SendAsync(HttpMethod.Get, path, headers);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["url"]!;
    }

    private async Task<RunningKong> StartAsync(string version, EchoUpstream upstream, params object[] routes)
    {
        var kong = await RunningKong.BootstrapAsync(lab, version);
        await kong.PostAsync("/services", new { name = "s", url = $"http://127.0.0.1:{upstream.Port}" });
        foreach (var route in routes)
        {
            await kong.PostAsync("/services/s/routes", route);
        }

        return kong;
    }
}
