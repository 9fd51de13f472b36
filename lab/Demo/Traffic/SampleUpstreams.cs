using KongUpgradeMesh.Lab.Demo.Clusters;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>What stands behind Kong: two servers that answer everything.</summary>
public sealed class SampleUpstreams : IAsyncDisposable
{
    private readonly WebApplication _application;

    private SampleUpstreams(WebApplication application, (string First, string Second) addresses)
    {
        _application = application;
        Addresses = addresses;
    }

    /// <summary>Where they listen, as <c>host:port</c>.</summary>
    public (string First, string Second) Addresses { get; }

    /// <summary>Starts both.</summary>
    public static async Task<SampleUpstreams> StartAsync(CancellationToken cancellationToken)
    {
        var ports = LabPorts.Take(2);
        (string First, string Second) addresses = ($"127.0.0.1:{ports[0]}", $"127.0.0.1:{ports[1]}");
        var builder = WebApplication.CreateSlimBuilder(["--urls", $"http://{addresses.First};http://{addresses.Second}"]);
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.MapFallback(static (HttpContext context) => Results.Json(new { path = context.Request.Path.Value, consumer = context.Request.Headers["X-Consumer-Username"].ToString() }));
        await application.StartAsync(cancellationToken);
        return new SampleUpstreams(application, addresses);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _application.DisposeAsync();
}
