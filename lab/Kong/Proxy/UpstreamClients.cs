using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>Connection pools to upstreams, one per connect timeout because that is a property of the pool.</summary>
internal sealed class UpstreamClients : IDisposable
{
    private readonly ConcurrentDictionary<TimeSpan, HttpMessageInvoker> _clients = new();

    public HttpMessageInvoker For(TimeSpan connectTimeout) => _clients.GetOrAdd(connectTimeout, static timeout => new HttpMessageInvoker(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        EnableMultipleHttp2Connections = false,
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        ConnectTimeout = timeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
    }));

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }
}
