using System.IO.Compression;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Sources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.MonitorAgent.Tests.Sources;

/// <summary>What a broken or hostile node may answer: each is given up within its bounds, and the reading says why.</summary>
public sealed class HostileAnswers : IAsyncLifetime
{
    private const string Series = "kong_http_requests_total{service=\"s\",route=\"r\",code=\"200\"} 1\n";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly KongStatusSource _source = new(TimeProvider.System);
    private readonly WebApplication _app;
    private Func<HttpResponse, Task> _metrics = static _ => Task.CompletedTask;

    public HostileAnswers()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(context =>
        {
            context.Response.Headers.Server = "kong/3.4.2";
            return context.Request.Path == "/metrics" ? _metrics(context.Response) : context.Response.WriteAsync("{}", context.RequestAborted);
        });
    }

    public async ValueTask InitializeAsync() => await _app.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _source.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("kong_nginx_requests_total NaN\n", "ImpossibleValue")]
    [InlineData("kong_nginx_requests_total -7\n", "ImpossibleValue")]
    [InlineData("kong_datastore_reachable 1\nkong_nginx_requests_total 7", "Truncated")]
    [InlineData("kong_http_requests_total{service=\"s\" 1\n", "Malformed")]
    [InlineData("<html><body>kong</body></html>\n", "no metric of Kong")]
    [InlineData("", "no metric of Kong")]
    public Task Text_that_cannot_be_trusted(string text, string cause) => RefusesAsync(r => r.WriteAsync(text), cause);

    [Fact]
    public Task A_page_for_people() => RefusesAsync(
        static r =>
        {
            r.ContentType = "text/html";
            return r.WriteAsync(Series);
        },
        "text/html");

    [Fact]
    public Task A_redirection() => RefusesAsync(
        static r =>
        {
            r.Redirect("http://127.0.0.1:1/metrics");
            return Task.CompletedTask;
        },
        "302");

    [Fact]
    public Task A_line_without_an_end() => GivesUpAsync(static () => new string('a', 32 * 1024), "LineTooLong", mostBytes: 16 << 20);

    [Fact]
    public Task A_bomb_of_labels()
    {
        var bomb = "kong_http_requests_total{" + string.Concat(Enumerable.Range(0, 20_000).Select(static i => $"l{i}=\"v\","));
        return GivesUpAsync(() => bomb, "LineTooLong", mostBytes: 16 << 20);
    }

    [Fact]
    public Task An_endless_text() => GivesUpAsync(static () => "# " + new string('x', 60 * 1024) + "\n", "TooLarge", mostBytes: 96 << 20);

    [Fact]
    public Task Millions_of_series()
    {
        var next = 0;
        return GivesUpAsync(() => string.Concat(Enumerable.Range(next++ * 1000, 1000).Select(static i => $"kong_http_status{{route=\"{i}\"}} 1\n")), "Too", mostBytes: 96 << 20);
    }

    [Fact]
    public Task A_slow_drip() => RefusesAsync(
        async r =>
        {
            while (!r.HttpContext.RequestAborted.IsCancellationRequested)
            {
                await r.WriteAsync("# drip\n", r.HttpContext.RequestAborted);
                await r.Body.FlushAsync(r.HttpContext.RequestAborted);
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, r.HttpContext.RequestAborted);
            }
        },
        "/metrics not complete within 1 s",
        timeout: TimeSpan.FromSeconds(1));

    [Fact]
    public Task A_compressed_bomb() => RefusesAsync(
        static async r =>
        {
            r.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(r.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(new byte[16 << 20]);
        },
        "compressed (gzip)");

    [Fact]
    public async Task Labels_that_are_no_text_are_read_as_replaced_letters()
    {
        _metrics = static r => r.Body.WriteAsync((byte[])[.. "kong_http_requests_total{service=\""u8, 0xff, 0xc0, 0xfe, .. "\",route=\"r\",code=\"200\"} 3\n"u8]).AsTask();
        var reading = await _source.ReadAsync(Node, Patience, TestContext.Current.CancellationToken);
        Assert.Equal(3, reading.Sample!.CountRequests());
        Assert.All(reading.Sample.Requests.Keys, static k => Assert.Contains('\ufffd', k.Service));
    }

    private NodeSpec Node => NodeAt(new Uri(_app.Urls.First()));

    private static NodeSpec NodeAt(Uri address) => new() { Name = "n1", Prefix = "/var/lib/kong/n1", Proxy = address, Admin = address };

    private Task RefusesAsync(Func<HttpResponse, Task> metrics, string cause, TimeSpan? timeout = null)
    {
        _metrics = metrics;
        return RefusesAsync(Node, cause, timeout ?? Patience);
    }

    private async Task RefusesAsync(NodeSpec node, string cause, TimeSpan timeout)
    {
        var reading = await _source.ReadAsync(node, timeout, TestContext.Current.CancellationToken);
        Assert.Null(reading.Sample);
        Assert.True(reading.Ready == true, reading.Problem);
        Assert.Contains(cause, reading.Problem, StringComparison.Ordinal);
    }

    /// <param name="mostBytes">The reader's own bound with what the kernel and the draining of a connection take besides: far below what an unbounded reader would take.</param>
    private async Task GivesUpAsync(Func<string> text, string cause, long mostBytes)
    {
        await using var node = new FloodingNode(text);
        await RefusesAsync(NodeAt(node.Address), cause, Patience);
        Assert.InRange(await node.BytesTakenAsync(), 1, mostBytes);
    }
}
