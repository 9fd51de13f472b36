using System.Text;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Kong.Tests.Metrics;

public sealed class LatencyHistograms
{
    private static readonly LatencyKind[] Kinds = [LatencyKind.Kong, LatencyKind.Request, LatencyKind.Upstream];

    [Theory]
    [InlineData("2.8.5", "status-api-metrics.txt", 13, "analytics-service", "analytics-main", 8, 9, 13)]
    [InlineData("3.4.2", "status-api-metrics.all-enabled.txt", 8, "analytics-service", "analytics-main", 5, 5, 8)]
    public async Task Recorded_buckets_are_read_onto_the_shared_bounds(string version, string file, double withinFive, string service, string route, double one, double two, double five)
    {
        Assert.SkipUnless(RequiredServer.RecordedKong is not null, RequiredServer.NoRecordings);
        var lines = await File.ReadAllLinesAsync(Path.Combine(RequiredServer.RecordedKong!, version, "metrics", file), TestContext.Current.CancellationToken);
        var sample = await ReadAsync(string.Join('\n', lines) + "\n");
        var known = sample.Latencies[new RouteKey(service, route)];
        Assert.Equal([one, two, five], known.AtMost(LatencyKind.Kong)[..3].ToArray());
        Assert.Equal(withinFive, known.AtMost(LatencyKind.Kong)[2]);
        foreach (var kind in Kinds)
        {
            // Nothing is lost and nothing is counted twice: each bound's sum is that of the lines themselves, found in another way.
            for (var i = 0; i < LatencyBounds.Of(kind).Length; i++)
            {
                var bound = i;
                Assert.Equal(SumOfLines(lines, kind, LatencyBounds.Of(kind)[i]), sample.Latencies.Values.Sum(r => r.AtMost(kind)[bound]));
            }

            Assert.All(sample.Latencies.Values, r => Assert.Equal(r.AtMost(kind).ToArray().Order(), r.AtMost(kind).ToArray()));
            Assert.True(sample.Latencies.Values.All(r => r.AtMost(kind)[^1] <= r.Total(kind).Count));
        }

        Assert.Equal(sample.RequestLatency.Count, sample.Latencies.Values.Sum(static r => r.Total(LatencyKind.Request).Count));
    }

    [Fact]
    public async Task A_version_that_exposes_a_bound_more_is_read_alike()
    {
        const string text = """
            kong_kong_latency_ms_bucket{service="s",route="a\"b",workspace="default",le="1"} 1
            kong_kong_latency_ms_bucket{service="s",route="a\"b",workspace="default",le="3000"} 4
            kong_kong_latency_ms_bucket{service="s",route="a\"b",workspace="default",le="+Inf"} 5
            kong_kong_latency_ms_bucket{service="s",route="a\"b",workspace="other",le="1"} 2
            kong_kong_latency_ms_count{service="s",route="a\"b",workspace="default"} 5
            kong_kong_latency_ms_sum{service="s",route="a\"b",workspace="default"} 9000

            """;
        var route = (await ReadAsync(text)).Latencies[new RouteKey("s", "a\"b")];
        Assert.Equal(3, route.AtMost(LatencyKind.Kong)[0]);
        Assert.Equal(new LatencyTotal(9000, 5), route.Total(LatencyKind.Kong));
    }

    [Theory]
    [InlineData("kong_latency_bucket{service=\"s\",type=\"kong\",le=\"x\"} 1", ExpositionFault.Malformed)]
    [InlineData("kong_latency_bucket{service=\"s\",type=\"kong\"} 1", ExpositionFault.Malformed)]
    [InlineData("kong_latency_bucket{service=\"s\",type=\"kong\",le=\"1\"", ExpositionFault.Malformed)]
    [InlineData("kong_latency_bucket{service=\"s\",type=\"kong\",le=\"1\"} NaN", ExpositionFault.ImpossibleValue)]
    [InlineData("kong_request_latency_ms_bucket{le=\"25\"} -1", ExpositionFault.ImpossibleValue)]
    public async Task Broken_buckets_are_refused(string line, ExpositionFault fault) =>
        Assert.Equal(fault, (await Assert.ThrowsAsync<ExpositionException>(() => ReadAsync(line + "\n"))).Fault);

    [Fact]
    public void A_difference_survives_a_restart_and_a_reading_between_a_count_and_its_buckets()
    {
        var (before, now) = (new RouteLatency(), new RouteLatency());
        for (var i = 0; i < 10; i++)
        {
            before.Observe(LatencyKind.Kong, 3);
        }

        now.Observe(LatencyKind.Kong, 3);
        Assert.Equal(1, now.Since(before).Total(LatencyKind.Kong).Count);
        Assert.Equal(1, now.Since(before).AtMost(LatencyKind.Kong)[2]);

        var torn = RouteLatency.FromValues([.. before.Values.Select(static (v, i) => i == 0 ? v - 4 : v)], hasBuckets: true)!;
        Assert.All(torn.Since(null).AtMost(LatencyKind.Kong).ToArray(), static v => Assert.InRange(v, 0, 6));
    }

    [Fact]
    public async Task A_line_costs_no_allocation()
    {
        static string Text(int routes) => string.Concat(Enumerable.Range(0, routes).Select(static r =>
            string.Concat(LatencyBounds.Of(LatencyKind.Kong).ToArray().Select(b => $"kong_kong_latency_ms_bucket{{service=\"s{r}\",route=\"r{r}\",le=\"{b}\"}} 7\n"))));
        var (few, many) = (await AllocatedAsync(Text(10)), await AllocatedAsync(Text(1010)));
        Assert.InRange((many - few) / (1000.0 * LatencyBounds.Of(LatencyKind.Kong).Length), 0, 100);
    }

    private static async Task<long> AllocatedAsync(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        _ = await KongMetricsReader.ReadAsync(stream, ExpositionLimits.Default, TestContext.Current.CancellationToken);
        stream.Position = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = await KongMetricsReader.ReadAsync(stream, ExpositionLimits.Default, TestContext.Current.CancellationToken);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static double SumOfLines(string[] lines, LatencyKind kind, double bound)
    {
        var name = kind.ToString().ToLowerInvariant();
        return lines
            .Where(l => l.StartsWith($"kong_{name}_latency_ms_bucket", StringComparison.Ordinal) || (l.StartsWith("kong_latency_bucket", StringComparison.Ordinal) && l.Contains($"type=\"{name}\"", StringComparison.Ordinal)))
            .Where(l => l.Contains($"le=\"{bound}\"", StringComparison.Ordinal))
            .Sum(static l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task<NodeSample> ReadAsync(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await KongMetricsReader.ReadAsync(stream, ExpositionLimits.Default, TestContext.Current.CancellationToken);
    }
}
