using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>correlation-id</c>: an id per request for the upstream, and for the client when asked for.</summary>
internal sealed class CorrelationIdPlugin(Flavour flavour) : IProxyPlugin
{
    private readonly Guid _process = Guid.NewGuid();
    private long _count;

    public string Name => "correlation-id";

    public int Priority => flavour.IsThree ? 100001 : 1;

    public Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        OnUnmatched(exchange, instance);
        return Task.FromResult(false);
    }

    public void OnUnmatched(ProxyExchange exchange, PluginInstance instance)
    {
        var header = (string?)instance.Config["header_name"] ?? "Kong-Request-ID";
        var id = exchange.Context.Request.Headers[header].ToString();
        if (id.Length == 0)
        {
            id = (string?)instance.Config["generator"] == "uuid" ? Guid.NewGuid().ToString() : $"{_process}#{Interlocked.Increment(ref _count)}";
            exchange.RequestHeaders[header] = id;
        }

        if ((bool?)instance.Config["echo_downstream"] == true)
        {
            exchange.ResponseHeaders.Add(new(header, id));
        }
    }
}
