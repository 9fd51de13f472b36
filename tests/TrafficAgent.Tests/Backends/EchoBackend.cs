using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent.Tests.Backends;

/// <summary>Stands for the one node of a cluster: a proxy that answers everything, a Status API below /status, and an echo on upgraded connections.</summary>
public sealed class EchoBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoBackend(WebApplication app, int port)
    {
        _app = app;
        Port = port;
    }

    public int Port { get; }

    public EndPoint EndPoint => new IPEndPoint(IPAddress.Loopback, Port);

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>What /status says of the database.</summary>
    public bool DatabaseReachable { get; set; } = true;

    public static async Task<EchoBackend> StartAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        EchoBackend? self = null;
        app.Run(async context =>
        {
            context.Response.Headers["X-Node"] = name;
            if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
            {
                await using var stream = await upgrade.UpgradeAsync();
                await stream.CopyToAsync(stream, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            var status = context.Request.Path == "/status";
            var text = status ? (self!.DatabaseReachable ? """{"database":{"reachable":true}}""" : """{"database":{"reachable":false}}""") : name;
            context.Response.ContentLength = text.Length;
            await context.Response.WriteAsync(text);
        });
        await app.StartAsync();
        self = new EchoBackend(app, new Uri(app.Urls.First()).Port);
        return self;
    }

    /// <summary>Stops listening; connections are refused from then on.</summary>
    public Task StopAsync() => _app.StopAsync(new CancellationToken(canceled: true));

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
