using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary>A plugin that acts on proxied requests.</summary>
internal interface IProxyPlugin
{
    string Name { get; }

    /// <summary>Plugins with a higher number run first.</summary>
    int Priority { get; }

    /// <summary>Runs before the request goes to the upstream; true when the plugin has answered it.</summary>
    Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance);

    /// <summary>A request without a route gets what a global instance adds to every answer.</summary>
    void OnUnmatched(ProxyExchange exchange, PluginInstance instance)
    {
    }
}
