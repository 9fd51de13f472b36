using System.Text;
using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.Tests.Metrics;

/// <summary>What a Prometheus makes of a node's labels, undone.</summary>
public sealed class ScrapedMetrics
{
    private const string Target = """endpoint="status",instance="kong-y:8100",job="kong",service="kong-y" """;

    [Theory]
    [InlineData("""exported_service="orders",route="pay",service="kong-y" """, "orders", "pay")]
    [InlineData("""service="orders",route="pay" """, "orders", "pay")]
    [InlineData("""service="kong-y",endpoint="status" """, "", "")]
    [InlineData("""service="kong-y",exported_service="kong-y",exported_route="r\"1",route="x" """, "kong-y", "r\"1")]
    public async Task A_label_of_prometheus_is_never_taken_for_the_nodes(string labels, string service, string route)
    {
        var target = await ScrapedTarget.ReadAsync(Text($"# TYPE up untyped\nup{{{Target}}} 1 5\n"), ExpositionLimits.Default, TestContext.Current.CancellationToken);
        Assert.True(target!.Up);
        var text = $"kong_http_requests_total{{{labels},code=\"200\"}} 3 5\nkong_request_latency_ms_count{{{labels}}} 3 5\nkong_request_latency_ms_bucket{{{labels},le=\"50\"}} 3 5\n";
        var sample = await KongMetricsReader.ReadAsync(Text(text), ExpositionLimits.Default, target.Labels, TestContext.Current.CancellationToken);
        Assert.Equal((service, route, 200), sample.Requests.Keys.Select(static k => (k.Service, k.Route, k.Code)).Single());
        Assert.Equal(new RouteKey(service, route), Assert.Single(sample.Latencies.Keys));
    }

    [Fact]
    public async Task No_target_two_targets_and_no_line()
    {
        Assert.Null(await TargetAsync("kong_nginx_requests_total 7 5\n"));
        Assert.False((await TargetAsync("up 0 5\n"))!.Up);
        Assert.Equal(ExpositionFault.Doubled, (await Assert.ThrowsAsync<ExpositionException>(() => TargetAsync("up{a=\"1\"} 1 5\nup{a=\"2\"} 1 5\n"))).Fault);
        Assert.Equal(ExpositionFault.Malformed, (await Assert.ThrowsAsync<ExpositionException>(() => TargetAsync("up{a=1} 1 5\n"))).Fault);
    }

    private static Task<ScrapedTarget?> TargetAsync(string text) => ScrapedTarget.ReadAsync(Text(text), ExpositionLimits.Default, TestContext.Current.CancellationToken);

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));
}
