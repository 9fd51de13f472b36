using System.IO.Compression;
using System.Text;
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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly KongStatusSource _source = new(TimeProvider.System);
    private readonly WebApplication _app;
    private Func<HttpResponse, Task> _metrics = static _ => Task.CompletedTask;
    private long _written;

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
    public Task A_line_without_an_end() => RefusesAsync(r => FloodAsync(r, new string('a', 32 * 1024)), "LineTooLong", mostBytes: 8 << 20);

    [Fact]
    public Task A_bomb_of_labels() => RefusesAsync(
        r => FloodAsync(r, "kong_http_requests_total{" + string.Concat(Enumerable.Range(0, 20_000).Select(static i => $"l{i}=\"v\","))), "LineTooLong", mostBytes: 8 << 20);

    [Fact]
    public Task An_endless_text() => RefusesAsync(r => FloodAsync(r, "# " + new string('x', 60 * 1024) + "\n"), "TooLarge", mostBytes: 80 << 20);

    [Fact]
    public async Task Millions_of_series()
    {
        var next = 0;
        await RefusesAsync(r => FloodAsync(r, () => string.Concat(Enumerable.Range(next++ * 1000, 1000).Select(static i => $"kong_http_status{{route=\"{i}\"}} 1\n"))), "Too", mostBytes: 80 << 20);
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

    private NodeSpec Node => new()
    {
        Name = "n1",
        Prefix = "/var/lib/kong/n1",
        Proxy = new Uri(_app.Urls.First()),
        Admin = new Uri(_app.Urls.First()),
    };

    private async Task RefusesAsync(Func<HttpResponse, Task> metrics, string cause, long mostBytes = long.MaxValue, TimeSpan? timeout = null)
    {
        _metrics = metrics;
        var reading = await _source.ReadAsync(Node, timeout ?? Patience, TestContext.Current.CancellationToken);
        Assert.Null(reading.Sample);
        Assert.True(reading.Ready == true, reading.Problem);
        Assert.Contains(cause, reading.Problem, StringComparison.Ordinal);
        Assert.InRange(Interlocked.Read(ref _written), 0, mostBytes);
    }

    private Task FloodAsync(HttpResponse response, string text) => FloodAsync(response, () => text);

    private async Task FloodAsync(HttpResponse response, Func<string> text)
    {
        while (!response.HttpContext.RequestAborted.IsCancellationRequested)
        {
            var bytes = Encoding.UTF8.GetBytes(text());
            await response.Body.WriteAsync(bytes, response.HttpContext.RequestAborted);
            Interlocked.Add(ref _written, bytes.Length);
        }
    }
}
