using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary>Runs the plugins that apply to a request, by priority. Plugins that are configured but not played here do nothing.</summary>
internal sealed class PluginChain(IEnumerable<IProxyPlugin> plugins)
{
    private readonly IProxyPlugin[] _plugins = [.. plugins.OrderByDescending(p => p.Priority)];

    /// <summary>True when a plugin has answered.</summary>
    public async Task<bool> AccessAsync(ProxyExchange exchange)
    {
        var route = exchange.Match!.Route;
        foreach (var plugin in _plugins)
        {
            if (exchange.Snapshot.Plugins.TryGetValue(plugin.Name, out var selection)
                && selection.For(route.Id, route.ServiceId, exchange.Consumer?.Id) is { } instance
                && await plugin.AccessAsync(exchange, instance))
            {
                return true;
            }
        }

        return false;
    }

    public void OnUnmatched(ProxyExchange exchange)
    {
        foreach (var plugin in _plugins)
        {
            if (exchange.Snapshot.Plugins.TryGetValue(plugin.Name, out var selection) && selection.Global is { } instance)
            {
                plugin.OnUnmatched(exchange, instance);
            }
        }
    }
}
