using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>cors</c>: answers preflights and marks answers.</summary>
internal sealed class CorsPlugin(GatewayAnswer answers) : IProxyPlugin
{
    public string Name => "cors";

    public int Priority => 2000;

    public async Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        var request = exchange.Context.Request;
        OnUnmatched(exchange, instance);
        if (!HttpMethods.IsOptions(request.Method) || !request.Headers.ContainsKey("Origin") || !request.Headers.ContainsKey("Access-Control-Request-Method")
            || (bool?)instance.Config["preflight_continue"] == true)
        {
            return false;
        }

        var headers = RouteDefinition.Strings(instance.Config["headers"]);
        exchange.ResponseHeaders.Add(new("Access-Control-Allow-Headers", headers.Length > 0 ? string.Join(",", headers) : request.Headers["Access-Control-Request-Headers"].ToString()));
        exchange.ResponseHeaders.Add(new("Access-Control-Allow-Methods", string.Join(",", RouteDefinition.Strings(instance.Config["methods"]))));
        if ((int?)instance.Config["max_age"] is { } age)
        {
            exchange.ResponseHeaders.Add(new("Access-Control-Max-Age", age.ToString()));
        }

        await answers.WriteAsync(exchange, 200, "");
        return true;
    }

    public void OnUnmatched(ProxyExchange exchange, PluginInstance instance)
    {
        var allowed = RouteDefinition.Strings(instance.Config["origins"]);
        var origin = exchange.Context.Request.Headers.Origin.ToString();
        var credentials = (bool?)instance.Config["credentials"] == true;
        if (allowed.Length == 0 || allowed.Contains("*"))
        {
            exchange.ResponseHeaders.Add(new("Access-Control-Allow-Origin", credentials && origin.Length > 0 ? origin : "*"));
        }
        else
        {
            exchange.ResponseHeaders.Add(new("Vary", "Origin"));
            if (allowed.Length == 1 || allowed.Contains(origin, StringComparer.OrdinalIgnoreCase))
            {
                exchange.ResponseHeaders.Add(new("Access-Control-Allow-Origin", allowed.Length == 1 ? allowed[0] : origin));
            }
        }

        if (credentials)
        {
            exchange.ResponseHeaders.Add(new("Access-Control-Allow-Credentials", "true"));
        }

        if (RouteDefinition.Strings(instance.Config["exposed_headers"]) is { Length: > 0 } exposed)
        {
            exchange.ResponseHeaders.Add(new("Access-Control-Expose-Headers", string.Join(",", exposed)));
        }
    }
}
