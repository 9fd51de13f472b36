using KongUpgradeMesh.Lab.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.DeployAgent.Tests.Clusters;

/// <summary>An upstream that answers 200 to everything.</summary>
internal sealed class EchoUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoUpstream(WebApplication app, int port) => (_app, Port) = (app, port);

    public int Port { get; }

    public static async Task<EchoUpstream> StartAsync()
    {
        var port = LoopbackPorts.Take();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add($"http://127.0.0.1:{port}");
        app.Run(static context => context.Response.WriteAsync($"hello {context.Request.Path}"));
        await app.StartAsync();
        return new(app, port);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
