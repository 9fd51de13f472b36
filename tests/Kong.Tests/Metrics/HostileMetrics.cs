using System.Text;
using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.Kong.Tests.Metrics;

public sealed class HostileMetrics
{
    [Fact]
    public async Task Nothing_is_not_zero()
    {
        var sample = await ReadAsync("");
        Assert.Equal(MetricFamilies.None, sample.Families);
        Assert.Null(sample.DatastoreReachable);
    }

    [Fact]
    public async Task A_page_of_html_shows_no_metric()
    {
        var sample = await ReadAsync("<html>\n<body>kong_http_status is down</body>\n</html>\n");
        Assert.Equal(MetricFamilies.None, sample.Families);
    }

    [Theory]
    [InlineData("kong_http_status{service=\"a\",route=\"b\",code=\"200\"} 1", ExpositionFault.Truncated)]
    [InlineData("kong_datastore_reachable 1\nkong_http_sta", ExpositionFault.Truncated)]
    [InlineData("kong_http_status{service=\"a\" 1\n", ExpositionFault.Malformed)]
    [InlineData("kong_http_status{service=\"a} 1\n", ExpositionFault.Malformed)]
    [InlineData("kong_http_status{service=a} 1\n", ExpositionFault.Malformed)]
    [InlineData("kong_http_status{=\"a\"} 1\n", ExpositionFault.Malformed)]
    [InlineData("kong_http_status{code=\"200\"}\n", ExpositionFault.Malformed)]
    [InlineData("kong_http_status{code=\"200\"} many\n", ExpositionFault.Malformed)]
    [InlineData("kong_http_status{code=\"200\"} 1,000\n", ExpositionFault.Malformed)]
    [InlineData("kong_http_status{code=\"200\"} 1 2 3\n", ExpositionFault.Malformed)]
    [InlineData("kong_http_status{code=\"200\"} Nan\n", ExpositionFault.ImpossibleValue)]
    [InlineData("kong_http_status{code=\"200\"} NaN\n", ExpositionFault.ImpossibleValue)]
    [InlineData("kong_nginx_requests_total +Inf\n", ExpositionFault.ImpossibleValue)]
    [InlineData("kong_nginx_requests_total 1e999\n", ExpositionFault.ImpossibleValue)]
    [InlineData("kong_nginx_requests_total -1\n", ExpositionFault.ImpossibleValue)]
    public async Task Refuses_the_whole_text_when_a_wanted_line_cannot_be_trusted(string text, ExpositionFault fault)
    {
        var exception = await Assert.ThrowsAsync<ExpositionException>(() => ReadAsync(text));
        Assert.Equal(fault, exception.Fault);
    }

    [Fact]
    public async Task Broken_lines_of_unwanted_metrics_do_no_harm()
    {
        var sample = await ReadAsync("kong_bandwidth_bytes{broken 1\nother NaN\n\0\0\0\nkong_datastore_reachable 0\n");
        Assert.False(sample.DatastoreReachable);
    }

    [Fact]
    public async Task Names_the_line_that_is_wrong()
    {
        var exception = await Assert.ThrowsAsync<ExpositionException>(() => ReadAsync("# a comment\nup 1\nkong_datastore_reachable x\n"));
        Assert.Equal(3, exception.Line);
    }

    [Theory]
    [InlineData(ExpositionFault.TooLarge)]
    [InlineData(ExpositionFault.TooManyLines)]
    [InlineData(ExpositionFault.LineTooLong)]
    public async Task Stops_reading_an_endless_answer(ExpositionFault fault)
    {
        var line = fault == ExpositionFault.LineTooLong ? new string('a', 5000) : "up 1\n";
        var limits = fault switch
        {
            ExpositionFault.TooLarge => new ExpositionLimits { MaximumBytes = 100_000 },
            ExpositionFault.TooManyLines => new ExpositionLimits { MaximumLines = 1000 },
            _ => new ExpositionLimits(),
        };
        await using var endless = new EndlessStream(Encoding.UTF8.GetBytes(line));
        var exception = await Assert.ThrowsAsync<ExpositionException>(
            () => KongMetricsReader.ReadAsync(endless, limits, TestContext.Current.CancellationToken));
        Assert.Equal(fault, exception.Fault);
        Assert.InRange(endless.Given, 1, 1_000_000);
    }

    [Fact]
    public async Task Survives_any_bytes()
    {
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var bytes = new byte[random.Next(400)];
            random.NextBytes(bytes);
            byte[] text = [.. "kong_http_status{code=\""u8, .. bytes, (byte)'\n'];
            try
            {
                await KongMetricsReader.ReadAsync(new MemoryStream(text), ExpositionLimits.Default, TestContext.Current.CancellationToken);
            }
            catch (ExpositionException)
            {
                // Refusing is the other right answer.
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task Reads_the_same_however_the_bytes_arrive(int chunk)
    {
        const string Text = "# HELP x y\nkong_http_status{service=\"s\",route=\"r\",code=\"200\"} 3\r\n\nkong_http_status{service=\"s\",route=\"r\",code=\"500\",} 1.5e+01 1700000000000\n";
        await using var stream = new ChunkedStream(Encoding.UTF8.GetBytes(Text), chunk);
        var sample = await KongMetricsReader.ReadAsync(stream, ExpositionLimits.Default, TestContext.Current.CancellationToken);
        Assert.Equal(3, sample.Requests[new RouteCode("s", "r", 200)]);
        Assert.Equal(15, sample.Requests[new RouteCode("s", "r", 500)]);
    }

    [Fact]
    public void Resolves_the_escapes_of_label_values()
    {
        Assert.True(MetricLine.TryParse("m{a=\"x\\\"y\\\\z\\n\", b = \"{},=\"} 1"u8, out var point));
        Assert.Equal("x\"y\\z\n", MetricLine.Decode(point.Label("a"u8)));
        Assert.Equal("{},=", MetricLine.Decode(point.Label("b"u8)));
        Assert.True(point.Label("c"u8).IsEmpty);
    }

    [Fact]
    public async Task Adds_up_what_Kong_3_splits_by_source_and_consumer()
    {
        var sample = await ReadAsync(
            "kong_http_requests_total{service=\"s\",route=\"r\",code=\"401\",source=\"kong\",consumer=\"\"} 2\n"
            + "kong_http_requests_total{service=\"s\",route=\"r\",code=\"401\",source=\"service\",consumer=\"c\"} 3\n");
        Assert.Equal(5, sample.Requests[new RouteCode("s", "r", 401)]);
    }

    [Fact]
    public async Task Leaves_stream_connections_out()
    {
        var sample = await ReadAsync("kong_nginx_requests_total{subsystem=\"http\"} 5\nkong_nginx_requests_total{subsystem=\"stream\"} 7\n");
        Assert.Equal(5, sample.NginxRequests);
    }

    private static Task<NodeSample> ReadAsync(string text) =>
        KongMetricsReader.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), ExpositionLimits.Default, TestContext.Current.CancellationToken);

    private sealed class EndlessStream(byte[] pattern) : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(buffer.Length, pattern.Length);
            pattern.AsSpan(0, count).CopyTo(buffer.Span);
            Given += count;
            return ValueTask.FromResult(count);
        }
    }

    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(chunk, buffer.Length)], cancellationToken);
    }
}
