using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>response-transformer</c>, as far as it concerns headers.</summary>
internal sealed class ResponseTransformerPlugin : IProxyPlugin
{
    public string Name => "response-transformer";

    public int Priority => 800;

    public Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        exchange.ResponseEdits.Add(headers =>
        {
            foreach (var name in RouteDefinition.Strings(instance.Config["remove"]?["headers"]))
            {
                headers.Remove(name);
            }

            foreach (var (name, value) in RequestTransformerPlugin.Pairs(instance, "replace").Where(p => headers.ContainsKey(p.Name)))
            {
                headers[name] = value;
            }

            foreach (var (name, value) in RequestTransformerPlugin.Pairs(instance, "add").Where(p => !headers.ContainsKey(p.Name)))
            {
                headers[name] = value;
            }
        });
        return Task.FromResult(false);
    }
}
