using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>Stands for a cluster: answers every request with its name.</summary>
internal sealed class NamedBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private NamedBackend(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public EndPoint EndPoint => new IPEndPoint(IPAddress.Loopback, Address.Port);

    public static async Task<NamedBackend> StartAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.ContentLength = name.Length;
            return context.Response.WriteAsync(name);
        });
        await app.StartAsync();
        return new NamedBackend(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
