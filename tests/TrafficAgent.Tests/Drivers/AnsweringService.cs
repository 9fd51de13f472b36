using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>An HTTP service that answers each method as the test says; the status 0 never answers.</summary>
public sealed class AnsweringService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AnsweringService(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public static async Task<AnsweringService> StartAsync(Func<string, (int Status, string Body)> answer, Func<HttpRequest, string>? more = null)
    {
        // Without configuration files: each would be watched, and the system has few watches for one user.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async context =>
        {
            var (status, body) = answer(context.Request.Method);
            if (status == 0)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            context.Response.StatusCode = status;
            context.Response.Headers.Location = status == 302 ? "http://127.0.0.1:1/" : default(string);
            await context.Response.WriteAsync($"{body} {more?.Invoke(context.Request)}");
        });
        await app.StartAsync();
        return new AnsweringService(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
