using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.DeployAgent.Staging;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Tests.Staging;

public sealed class RouteExamplesTests
{
    private static RouteExamples Of(params RouteEntity[] routes) => RouteExamples.Of(new KongEntities { Routes = routes }, new KongVersion(2, 8, 5), 100);

    private static RouteEntity Route => new() { Id = Guid.NewGuid(), Name = "r" };

    [Fact]
    public void Makes_one_request_for_each_path()
    {
        var requests = Of(Route with { Paths = ["/a", @"/v2/\d+$"], Hosts = ["*.example.test"], Headers = new Dictionary<string, IReadOnlyList<string>> { ["x-version"] = ["beta", "canary"] } }).Requests;
        Assert.Equal(["/a", "/v2/7"], requests.Select(static r => r.Request.PathAndQuery));
        Assert.All(requests, static r => Assert.Equal(("staging.example.test", "beta", "GET"), (r.Request.Host, r.Request.Headers["x-version"], r.Request.Method)));
    }

    [Fact]
    public void Sends_nothing_that_may_change_data()
    {
        var examples = Of(Route with { Methods = ["POST", "DELETE"] }, Route with { Methods = ["PATCH", "OPTIONS"], Paths = ["/a"] });
        Assert.Equal("OPTIONS", Assert.Single(examples.Requests).Request.Method);
        Assert.Contains("may change data", Assert.Single(examples.Skipped), StringComparison.Ordinal);
    }

    [Fact]
    public void Says_why_a_route_is_left_out()
    {
        var examples = Of(Route with { Protocols = ["tcp"] }, Route with { Snis = ["a"] }, Route with { Paths = ["/(?=x)"] });
        Assert.Empty(examples.Requests);
        Assert.Equal(3, examples.Skipped.Count);
    }

    [Fact]
    public void Samples_evenly_above_the_maximum()
    {
        var routes = Enumerable.Range(0, 100).Select(i => Route with { Paths = [$"/{i}"] }).ToArray();
        var examples = RouteExamples.Of(new KongEntities { Routes = routes }, new KongVersion(2, 8, 5), 10);
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"/{i * 10}"), examples.Requests.Select(static r => r.Request.PathAndQuery));
    }

    [Theory]
    [InlineData(200, 204, true)]
    [InlineData(200, 500, false)]
    [InlineData(401, 401, true)]
    [InlineData(401, 404, false)]
    [InlineData(401, 403, false)]
    [InlineData(200, 429, true)]
    [InlineData(429, 502, false)]
    [InlineData(0, 0, false)]
    public void Compares_what_matters_to_clients(int x, int y, bool agree) =>
        Assert.Equal(agree, AnswerComparison.Agree(new ProxyAnswer(x, false, ""), new ProxyAnswer(y, false, "")));

    [Fact]
    public void Tells_a_missing_route_from_an_upstream_that_finds_nothing() =>
        Assert.False(AnswerComparison.Agree(new ProxyAnswer(404, false, ""), new ProxyAnswer(404, true, "")));
}
