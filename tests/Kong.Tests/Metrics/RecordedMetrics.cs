using System.Text;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Kong.Tests.Metrics;

public sealed class RecordedMetrics
{
    private const MetricFamilies Traffic = MetricFamilies.Requests | MetricFamilies.RequestLatency | MetricFamilies.KongLatency | MetricFamilies.UpstreamLatency;

    private const MetricFamilies Always =
        MetricFamilies.NginxRequests | MetricFamilies.Connections | MetricFamilies.Datastore | MetricFamilies.WorkerMemory | MetricFamilies.MetricErrors;

    // Bandwidth says how large answers are, timers and dictionaries how Kong keeps house: nothing of them is compared.
    private static readonly string[] Unused =
    [
        "kong_bandwidth", "kong_bandwidth_bytes", "kong_nginx_timers", "kong_memory_lua_shared_dict_bytes", "kong_memory_lua_shared_dict_total_bytes",
        "kong_upstream_target_health", "kong_http_consumer_status", "kong_nginx_stream_current_connections",
    ];

    private static readonly string[] UnusedHistograms = ["kong_latency", "kong_kong_latency_ms", "kong_request_latency_ms", "kong_upstream_latency_ms"];

    [Fact]
    public async Task Reads_what_Kong_2_8_5_exposed()
    {
        var sample = await ReadAsync("2.8.5", "status-api-metrics.txt");
        Assert.True(sample.Has(Traffic | Always));
        Assert.False(sample.Has(MetricFamilies.NodeInfo));
        Assert.Equal(312, sample.CountRequests());
        Assert.Equal(676, sample.NginxRequests + 1);
        Assert.True(sample.RequestLatency.Count > 0 && sample.RequestLatency.Milliseconds >= sample.UpstreamLatency.Milliseconds);
        Assert.Equal(8, sample.Requests[new RouteCode("analytics-service", "analytics-main", 401)]);
        Assert.True(sample.DatastoreReachable);
        Assert.Equal(72198798, sample.WorkerMemoryBytes);
    }

    [Fact]
    public async Task Reads_what_Kong_3_4_2_exposed()
    {
        var sample = await ReadAsync("3.4.2", "status-api-metrics.all-enabled.txt");
        Assert.True(sample.Has(Traffic | Always | MetricFamilies.NodeInfo));
        Assert.Equal(195, sample.CountRequests());
        Assert.Equal(554, sample.NginxRequests);
        Assert.Equal(5, sample.Requests[new RouteCode("analytics-service", "analytics-main", 401)]);
        Assert.Equal("3.4.2", sample.Version);
        Assert.Equal("bd7b180a-be27-4ed2-b36a-71b15759e7c2", sample.NodeId);
    }

    [Fact]
    public async Task Reads_who_made_errors_the_shared_memory_and_the_targets_of_Kong_3()
    {
        var sample = await ReadAsync("3.4.2", "status-api-metrics.all-enabled.txt");
        Assert.Equal(5, sample.Requests[new RouteCode("cart-service", "cart-main", 500, AnswerOrigin.Service)]);
        Assert.Equal(1, sample.Workers);
        Assert.Equal(new SharedMemory(364544, 5242880), sample.SharedMemory["prometheus_metrics"]);
        Assert.Equal(TargetHealth.Healthy, sample.Targets[new UpstreamTarget("orders.upstream.internal", "127.0.0.1:17191")]);
    }

    [Fact]
    public async Task Kong_2_does_not_say_who_made_an_error()
    {
        var sample = await ReadAsync("2.8.5", "status-api-metrics.txt");
        Assert.Equal(8, sample.Requests[new RouteCode("cart-service", "cart-main", 500)]);
        Assert.Equal(90112, sample.SharedMemory["kong_rate_limiting_counters"].UsedBytes);
    }

    [Fact]
    public async Task Sees_that_Kong_3_counts_nothing_after_an_upgrade()
    {
        var sample = await ReadAsync("3.4.2", "status-api-metrics.defaults-after-upgrade.txt");
        Assert.True(sample.Has(Always | MetricFamilies.NodeInfo));
        Assert.Equal(MetricFamilies.None, sample.Families & Traffic);
        Assert.Empty(sample.Requests);
    }

    [Theory]
    [InlineData("2.8.5", "status-api-metrics.txt", "admin-api-metrics.txt")]
    [InlineData("3.4.2", "status-api-metrics.all-enabled.txt", "admin-api-metrics.all-enabled.txt")]
    public async Task Admin_and_status_api_say_the_same(string version, string status, string admin)
    {
        var (one, other) = (await ReadAsync(version, status), await ReadAsync(version, admin));
        Assert.Equal(one.CountRequests(), other.CountRequests());
        Assert.Equal(one.RequestLatency, other.RequestLatency);
    }

    [Fact]
    public async Task Every_line_is_used_or_known_not_to_be()
    {
        Assert.SkipUnless(RequiredServer.RecordedKong is not null, RequiredServer.NoRecordings);
        var lines = 0;
        foreach (var file in new[] { "2.8.5", "3.4.2" }.SelectMany(static v => Directory.GetFiles(Path.Combine(RequiredServer.RecordedKong!, v, "metrics"), "*metrics*.txt")))
        {
            foreach (var line in (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken)).Where(static l => l.Length > 0 && l[0] != '#'))
            {
                lines++;
                Assert.True(MetricLine.TryParse(Encoding.UTF8.GetBytes(line), out var point), $"{file}: {line}");
                var name = Encoding.UTF8.GetString(point.Name);
                Assert.True(KongMetricsReader.IsUsed(name) || IsKnownUnused(name), $"{file}: nobody decided about {name}");
            }
        }

        Assert.InRange(lines, 1000, int.MaxValue);
    }

    private static bool IsKnownUnused(string name) => Unused.Contains(name, StringComparer.Ordinal) || UnusedHistograms.Any(h => name == $"{h}_bucket");

    private static async Task<NodeSample> ReadAsync(string version, string file)
    {
        Assert.SkipUnless(RequiredServer.RecordedKong is not null, RequiredServer.NoRecordings);
        await using var stream = File.OpenRead(Path.Combine(RequiredServer.RecordedKong!, version, "metrics", file));
        return await KongMetricsReader.ReadAsync(stream, ExpositionLimits.Default, TestContext.Current.CancellationToken);
    }
}
