using System.Collections.Concurrent;

namespace KongUpgradeMesh.Lab.Load;

/// <summary>An upstream service for the lab: answers every request with what it was. Many services can share one by their paths.</summary>
public sealed class EchoUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, long> _byFirstSegment = new(StringComparer.Ordinal);
    private long _count;

    private EchoUpstream(WebApplication app) => _app = app;

    /// <summary>Requests answered.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Requests answered by the first segment of their path.</summary>
    public IReadOnlyDictionary<string, long> CountByService => _byFirstSegment;

    /// <summary>Time taken for every answer. Default none.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>Starts on the loopback address.</summary>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="clock">Measures the latency.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<EchoUpstream> StartAsync(int port, TimeProvider clock, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var upstream = new EchoUpstream(app);
        app.Run(context => upstream.AnswerAsync(context, clock));
        await app.StartAsync(cancellationToken);
        return upstream;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, TimeProvider clock)
    {
        Interlocked.Increment(ref _count);
        var path = context.Request.Path.Value ?? "/";
        var segment = path.Split('/', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";
        _byFirstSegment.AddOrUpdate(segment, 1, static (_, count) => count + 1);
        if (Latency > TimeSpan.Zero)
        {
            await Task.Delay(Latency, clock, context.RequestAborted);
        }

        // A test can ask for any status: /orders?status=503
        context.Response.StatusCode = int.TryParse(context.Request.Query["status"], out var status) && status is >= 200 and <= 599 ? status : 200;
        if (context.Response.StatusCode is not (204 or 304))
        {
            await context.Response.WriteAsJsonAsync(
                new { method = context.Request.Method, path, query = context.Request.QueryString.Value, host = context.Request.Host.Value }, context.RequestAborted);
        }
    }
}
