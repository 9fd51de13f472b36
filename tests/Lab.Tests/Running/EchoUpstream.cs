using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Lab.Tests.Running;

/// <summary>An upstream that answers with what it was asked: <c>/status/404</c> chooses the status, <c>?delay=500</c> waits.</summary>
public sealed class EchoUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _held;

    private EchoUpstream(WebApplication app, int port, TaskCompletionSource held)
    {
        _app = app;
        _held = held;
        Port = port;
    }

    public int Port { get; }

    public static async Task<EchoUpstream> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Run(async context =>
        {
            if (context.Request.Query.ContainsKey("held"))
            {
                await held.Task.WaitAsync(context.RequestAborted);
            }

            if (int.TryParse(context.Request.Query["delay"], out var delay))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(delay), TimeProvider.System, context.RequestAborted);
            }

            if (context.Request.Path.Value is { } path && path.Contains("/status/", StringComparison.Ordinal))
            {
                context.Response.StatusCode = int.Parse(path[(path.LastIndexOf('/') + 1)..]);
            }

            context.Response.Headers["X-Upstream-Port"] = context.Connection.LocalPort.ToString();
            await context.Response.WriteAsJsonAsync(new
            {
                url = context.Features.Get<IHttpRequestFeature>()!.RawTarget,
                method = context.Request.Method,
                headers = context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()),
            });
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new EchoUpstream(app, new Uri(app.Urls.First()).Port, held);
    }

    /// <summary>Answers the requests with <c>?held</c>, which wait for this.</summary>
    public void Release() => _held.TrySetResult();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
