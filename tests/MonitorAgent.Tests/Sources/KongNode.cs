using System.Globalization;
using KongUpgradeMesh.Contracts.Specs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.MonitorAgent.Tests.Sources;

/// <summary>A Status API on a real port, with counters that grow with time.</summary>
public sealed class KongNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly bool _is3;
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private string? _page;
    private int _answers;
    private int _askedDirectly;
    private int _metrics;
    private double _hits;
    private double _requests;
    private double _counted;

    private KongNode(WebApplication app, bool is3) => (_app, _is3) = (app, is3);

    /// <summary>Requests a second.</summary>
    public double Rate { get; set; }

    /// <summary>Share answered 500.</summary>
    public double Errors { get; set; }

    /// <summary>What the node answers instead of its metrics; null for the metrics.</summary>
    public string? Instead { get; set; }

    /// <summary>What its proxy answers.</summary>
    public int ProxyStatus { get; set; } = 200;

    /// <summary>The last key that a request to its proxy brought.</summary>
    public string? Key { get; private set; }

    /// <summary>Makes every answer wait.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Where clients are said to be served; null where they are: every request counts, whatever its path.</summary>
    public Uri? Proxy { get; set; }

    /// <summary>Whether the node gives the same page for ever.</summary>
    public bool Frozen { get; set; }

    public bool CountsTraffic { get; set; } = true;

    public bool Database { get; set; } = true;

    public int Answers => _answers;

    /// <summary>Requests of anybody but a Prometheus.</summary>
    public int AskedDirectly => _askedDirectly;

    /// <summary>How many of the first answers of /metrics are no metrics.</summary>
    public int Garbled { get; set; }

    public NodeSpec Spec => new()
    {
        Name = "n1",
        Prefix = "/var/lib/kong/n1",
        Proxy = Proxy ?? new Uri(_app.Urls.First()),
        Admin = new Uri("http://127.0.0.1:1"),
        Status = new Uri(_app.Urls.First()),
    };

    public static async Task<KongNode> StartAsync(bool is3, double rate = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(static o => o.AddServerHeader = false).UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var node = new KongNode(app, is3) { Rate = rate };
        app.Run(node.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return node;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var answers = Interlocked.Increment(ref _answers);
        if (!context.Request.Headers.UserAgent.ToString().StartsWith("Prometheus/", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _askedDirectly);
        }

        if (Delay > TimeSpan.Zero)
        {
            await Task.Delay(Delay, TimeProvider.System, context.RequestAborted);
        }

        if (context.Request.Path == "/shop")
        {
            (Key, context.Response.StatusCode) = (context.Request.Headers["apikey"], ProxyStatus);
            return;
        }

        context.Response.Headers.Server = _is3 ? "kong/3.4.2" : "kong/2.8.5";
        await context.Response.WriteAsync(
            context.Request.Path == "/metrics" ? Instead ?? (_metrics++ < Garbled ? "<html>\n" : Metrics(answers)) : "{\"database\":{\"reachable\":" + (Database ? "true" : "false") + "}}",
            context.RequestAborted);
    }

    private string Metrics(int answers)
    {
        if (Frozen && _page is not null)
        {
            return _page;
        }

        return _page = NextMetrics(answers);
    }

    private string NextMetrics(int answers)
    {
        var elapsed = TimeProvider.System.GetElapsedTime(_start).TotalSeconds;
        var passed = Rate * (elapsed - _counted);
        (_counted, _requests, _hits) = (elapsed, _requests + passed, _hits + (passed * Errors));
        var (total, bad) = (Math.Floor(_requests), Math.Floor(_hits));
        var labels = "service=\"s\",route=\"r\"";
        var always = $"kong_datastore_reachable {(Database ? 1 : 0)}\n"
            + (_is3 ? $"kong_nginx_requests_total{{subsystem=\"http\"}} {total + answers}\n" : $"kong_nginx_http_current_connections{{state=\"total\"}} {total + answers}\n");
        if (!CountsTraffic)
        {
            return always;
        }

        var (requests, sum, count, end) = _is3
            ? ("kong_http_requests_total", "kong_request_latency_ms_sum", "kong_request_latency_ms_count", "")
            : ("kong_http_status", "kong_latency_sum", "kong_latency_count", ",type=\"request\"");
        return always + string.Create(
            CultureInfo.InvariantCulture,
            $"{requests}{{{labels},code=\"200\"}} {total - bad}\n{requests}{{{labels},code=\"500\"}} {bad}\n{sum}{{{labels}{end}}} {total * 10}\n{count}{{{labels}{end}}} {total}\n");
    }
}
