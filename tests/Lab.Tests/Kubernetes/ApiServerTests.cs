using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Lab.StandInKubernetes;
using KongUpgradeMesh.Lab.StandInKubernetes.Access;

namespace KongUpgradeMesh.Lab.Tests.Kubernetes;

/// <summary>What the stand-in does beyond the recorded exchanges.</summary>
public sealed class ApiServerTests : IAsyncLifetime
{
    private const string Services = "/api/v1/namespaces/shop/services";
    private const string Merge = "application/merge-patch+json";
    private ApiServer _server = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Account[] accounts = [new("admin", "admin", [AccessRule.Everything]), new("reader", "reader",
            [new() { Verbs = ["get"], Group = "", Resource = "services", Namespace = "shop", Names = ["kong"] }])];
        _server = await ApiServer.StartAsync(new ApiServerLayout { Port = LoopbackPorts.Take(), Accounts = accounts }, TimeProvider.System);
        _client = _server.CreateClient("admin");
        using var body = new StringContent("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"kong"},"spec":{"selector":{"app":"x"}}}""", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.Created, (await _client.PostAsync(Services, body)).StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Objects_outlive_a_kill()
    {
        await _server.KillAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync($"{Services}/kong", Token));
        await _server.StartAgainAsync(Token);

        Assert.Equal("x", (string?)(await GetAsync())["spec"]!["selector"]!["app"]);
    }

    [Fact]
    public async Task A_replacement_needs_the_newest_version()
    {
        var read = await GetAsync();
        read["spec"]!["selector"]!["app"] = "y";
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Put, "application/json", read.ToJsonString()));

        Assert.Equal(HttpStatusCode.Conflict, await SendAsync(HttpMethod.Put, "application/json", read.ToJsonString()));
        Assert.Equal("y", (string?)(await GetAsync())["spec"]!["selector"]!["app"]);
    }

    [Theory]
    [InlineData("""[{"op":"add","path":"/spec/ports","value":[1,3]},{"op":"add","path":"/spec/ports/1","value":2},{"op":"add","path":"/spec/ports/-","value":4}]""", "[1,2,3,4]")]
    [InlineData("""[{"op":"add","path":"/spec/ports","value":[1,2]},{"op":"remove","path":"/spec/ports/0"},{"op":"copy","from":"/spec/ports/0","path":"/spec/ports/0"}]""", "[2,2]")]
    [InlineData("""[{"op":"add","path":"/spec/old","value":[7]},{"op":"move","from":"/spec/old","path":"/spec/ports"},{"op":"test","path":"/spec/ports","value":[7]}]""", "[7]")]
    public async Task Patches_lists_by_position(string patch, string ports)
    {
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Patch, "application/json-patch+json", patch));

        Assert.Equal(ports, (await GetAsync())["spec"]!["ports"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"add","path":"/spec/a/b","value":1}]""")]
    [InlineData("""[{"op":"remove","path":"/spec/nothing"}]""")]
    [InlineData("""[{"op":"add","path":"/spec/x","value":1},{"op":"test","path":"/spec/selector/app","value":"z"}]""")]
    public async Task A_patch_that_cannot_be_done_changes_nothing(string patch)
    {
        var before = (await GetAsync()).ToJsonString();

        Assert.Equal(HttpStatusCode.UnprocessableEntity, await SendAsync(HttpMethod.Patch, "application/json-patch+json", patch));

        Assert.Equal(before, (await GetAsync()).ToJsonString());
    }

    [Fact]
    public async Task What_a_manager_applies_no_more_is_removed()
    {
        const string apply = "application/apply-patch+yaml";
        const string manifest = """{"apiVersion":"v1","kind":"Service","metadata":{"name":"kong","annotations":{"a":"1"$}}}""";
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Patch, apply, manifest.Replace("$", ",\"b\":\"2\"", StringComparison.Ordinal), "?fieldManager=one"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Patch, apply, manifest.Replace("$", "", StringComparison.Ordinal), "?fieldManager=one"));

        Assert.Equal("""{"a":"1"}""", (await GetAsync())["metadata"]!["annotations"]!.ToJsonString());
        Assert.Equal("x", (string?)(await GetAsync())["spec"]!["selector"]!["app"]);
    }

    [Fact]
    public async Task A_watch_from_too_long_ago_is_expired_and_one_that_ends_leaves_a_bookmark()
    {
        using var old = await _client.GetStreamReaderAsync($"{Services}?watch=true", Token);
        Assert.Contains("ADDED", await old.ReadLineAsync(Token), StringComparison.Ordinal);
        for (var change = 0; change < 1001; change++)
        {
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["n"] = $"{change}" } } };
            Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Patch, Merge, patch.ToJsonString()));
        }

        using var expired = await _client.GetStreamReaderAsync($"{Services}?watch=true&resourceVersion=2", Token);
        Assert.Equal(410, (int?)JsonNode.Parse((await expired.ReadLineAsync(Token))!)!["object"]!["code"]);
        using var ending = await _client.GetStreamReaderAsync($"{Services}?watch=true&resourceVersion=1003&timeoutSeconds=0&allowWatchBookmarks=true", Token);
        Assert.Equal("1003", (string?)JsonNode.Parse((await ending.ReadLineAsync(Token))!)!["object"]!["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task Rights_hold_for_named_objects_only()
    {
        using var reader = _server.CreateClient("reader");

        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync($"{Services}/kong", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetAsync($"{Services}/other", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetAsync(Services, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetAsync("/api/v1/namespaces/other/services/kong", Token)).StatusCode);
    }

    private async Task<JsonNode> GetAsync() => JsonNode.Parse(await _client.GetStringAsync($"{Services}/kong", Token))!;

    private async Task<HttpStatusCode> SendAsync(HttpMethod method, string type, string body, string query = "")
    {
        using var request = new HttpRequestMessage(method, $"{Services}/kong{query}") { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type)) };
        using var response = await _client.SendAsync(request, Token);
        return response.StatusCode;
    }
}
