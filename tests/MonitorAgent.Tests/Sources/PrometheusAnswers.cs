using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Sources.Prometheus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.MonitorAgent.Tests.Sources;

/// <summary>What a Prometheus that lags, lies or is none may answer.</summary>
public sealed class PrometheusAnswers : IAsyncLifetime
{
    private readonly KongStatusSource _direct = new(TimeProvider.System);
    private readonly WebApplication _app;
    private Func<HttpResponse, Task> _answer = static _ => Task.CompletedTask;
    private string _up = "up 1 1\n";
    private readonly List<string> _asked = [];
    private string? _authorization;

    public PrometheusAnswers()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(context =>
        {
            var selector = context.Request.Query["match[]"].ToString();
            _asked.Add($"{context.Request.Path} {selector}");
            _authorization = context.Request.Headers.Authorization;
            return selector.StartsWith("up{", StringComparison.Ordinal) ? context.Response.WriteAsync(_up) : _answer(context.Response);
        });
    }

    public async ValueTask InitializeAsync() => await _app.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _direct.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(29, null)]
    [InlineData(-60, "tells of 60 s from now")]
    [InlineData(40, "last read the node 40 s ago; by monitor.prometheus.interval it does every 15 s")]
    public async Task A_scrape_that_is_overdue_is_no_reading(int age, string? problem)
    {
        // The time is Prometheus' own, whatever this host believes.
        var now = DateTimeOffset.UnixEpoch.AddDays(20_000);
        _answer = response =>
        {
            response.Headers.Date = now.ToString("R");
            return response.WriteAsync($"kong_nginx_requests_total{{subsystem=\"http\"}} 7 {now.AddSeconds(-age).ToUnixTimeMilliseconds()}\nkong_node_info{{version=\"3.4.2\"}} 1 {now.ToUnixTimeMilliseconds()}\n");
        };
        var reading = await ReadAsync(new PrometheusSpec { Url = Url });
        Assert.Equal(problem is null ? true : null, reading.Ready);
        Assert.Equal(problem is null, reading.Sample is not null);
        Assert.Contains(problem ?? "", reading.Problem ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kong_nginx_requests_total 7 soon\n", "Malformed")]
    [InlineData("kong_nginx_requests_total 7 999999999999999999\n", "none of the node's counters")]
    [InlineData("kong_nginx_requests_total 7\n", "none of the node's counters")]
    [InlineData("kong_nginx_requests_total -7 1\n", "ImpossibleValue")]
    [InlineData("kong_datastore_reachable 1 1\nkong_nginx_requests_total 7", "Truncated")]
    [InlineData("kong_nginx_requests_total{job=\"a\"} 7 1\nkong_nginx_requests_total{job=\"b\"} 7 1\n", "name the job in monitor.prometheus.job")]
    [InlineData("", "none of the node's counters")]
    public async Task Text_that_cannot_be_trusted(string text, string cause)
    {
        _answer = response => response.WriteAsync(text);
        var reading = await ReadAsync(new PrometheusSpec { Url = Url });
        Assert.Null(reading.Sample);
        Assert.Null(reading.Ready);
        Assert.Contains(cause, reading.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("up 0 1\n", false, "could not scrape it")]
    [InlineData("", null, "has no series up{instance=\"127.0.0.1:1\"}")]
    [InlineData("up{job=\"a\"} 1 1\nup{job=\"b\"} 1 1\n", null, "name the job in monitor.prometheus.job")]
    [InlineData("up{job=\"a\" 1 1\n", null, "Malformed")]
    public async Task A_target_that_is_down_unknown_or_there_twice(string up, bool? ready, string cause)
    {
        _up = up;
        var reading = await ReadAsync(new PrometheusSpec { Url = Url });
        Assert.Null(reading.Sample);
        Assert.Equal(ready, reading.Ready);
        Assert.Contains(cause, reading.Problem, StringComparison.Ordinal);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task A_page_for_people_and_a_refusal()
    {
        _answer = static response =>
        {
            response.ContentType = "text/html";
            return response.WriteAsync("login");
        };
        Assert.Contains("text/html", (await ReadAsync(new PrometheusSpec { Url = Url })).Problem, StringComparison.Ordinal);
        _answer = static response =>
        {
            response.StatusCode = 401;
            return Task.CompletedTask;
        };
        Assert.Contains("401", (await ReadAsync(new PrometheusSpec { Url = Url })).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_below_its_path_with_its_token_for_the_nodes_name()
    {
        var token = Path.GetTempFileName();
        await File.WriteAllTextAsync(token, "s3cret\n", TestContext.Current.CancellationToken);
        var reading = await ReadAsync(new PrometheusSpec
        {
            Url = new Uri(Url, "/prom"), Label = "node", Value = PrometheusLabelValue.Name, Job = "kong \"eu\"", Token = $"file:{token}",
        });
        File.Delete(token);
        Assert.Equal(
            ["/prom/federate up{job=\"kong \\\"eu\\\"\",node=\"n1\"}", "/prom/federate {__name__=~\"kong_.+\",job=\"kong \\\"eu\\\"\",node=\"n1\"}"],
            _asked);
        Assert.Equal("Bearer s3cret", _authorization);
        Assert.DoesNotContain("s3cret", reading.Problem, StringComparison.Ordinal);
    }

    private Uri Url => new(_app.Urls.First());

    private async Task<NodeReading> ReadAsync(PrometheusSpec prometheus)
    {
        var nowhere = new Uri("http://127.0.0.1:1");
        using var source = PrometheusSource.Of(new MonitorSpec { Prometheus = prometheus }, _direct, TimeProvider.System)!;
        return await source.ReadAsync(new NodeSpec { Name = "n1", Prefix = "/n1", Proxy = nowhere, Admin = nowhere }, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
