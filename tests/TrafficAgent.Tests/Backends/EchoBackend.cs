using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KongUpgradeMesh.TrafficAgent.Tests.Backends;

/// <summary>Stands for the one node of a cluster: a proxy that answers everything, a Status API below /status, and an echo on upgraded connections.</summary>
public sealed class EchoBackend : IAsyncDisposable
{
    private readonly string _name;
    private WebApplication _app = null!;

    private EchoBackend(string name) => _name = name;

    public int Port { get; private set; }

    public EndPoint EndPoint => new IPEndPoint(IPAddress.Loopback, Port);

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>What /status says of the database.</summary>
    public bool DatabaseReachable { get; set; } = true;

    public static async Task<EchoBackend> StartAsync(string name)
    {
        var backend = new EchoBackend(name);
        await backend.ListenAsync();
        return backend;
    }

    /// <summary>Listens again where it did before.</summary>
    public async Task StartAgainAsync()
    {
        await _app.DisposeAsync();
        await ListenAsync();
    }

    /// <summary>Stops listening; connections are refused from then on.</summary>
    public Task StopAsync() => _app.StopAsync(new CancellationToken(canceled: true));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ListenAsync()
    {
        // Empty: hundreds of these would use up the system's watches on configuration files.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port));
        _app = builder.Build();
        _app.Run(async context =>
        {
            context.Response.Headers["X-Node"] = _name;
            if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
            {
                await using var stream = await upgrade.UpgradeAsync();
                await stream.CopyToAsync(stream, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            var status = context.Request.Path == "/status";
            var text = status ? (DatabaseReachable ? """{"database":{"reachable":true}}""" : """{"database":{"reachable":false}}""") : _name;
            context.Response.ContentLength = text.Length;
            await context.Response.WriteAsync(text);
        });
        await _app.StartAsync();
        Port = new Uri(_app.Urls.First()).Port;
    }
}
