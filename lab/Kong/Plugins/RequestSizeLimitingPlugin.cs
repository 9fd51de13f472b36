using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>request-size-limiting</c>, by the announced length.</summary>
internal sealed class RequestSizeLimitingPlugin(GatewayAnswer answers) : IProxyPlugin
{
    public string Name => "request-size-limiting";

    public int Priority => 951;

    public async Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        var unit = (string?)instance.Config["size_unit"] switch
        {
            "bytes" => 1,
            "kilobytes" => 1 << 10,
            _ => 1 << 20,
        };
        if (exchange.Context.Request.ContentLength is not { } length || length <= ((double?)instance.Config["allowed_payload_size"] ?? 128) * unit)
        {
            return false;
        }

        await answers.ErrorAsync(exchange, 413, "Request size limit exceeded");
        return true;
    }
}
