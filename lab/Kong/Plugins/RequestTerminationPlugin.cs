using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary><c>request-termination</c>: a fixed answer instead of the upstream's.</summary>
internal sealed class RequestTerminationPlugin(GatewayAnswer answers) : IProxyPlugin
{
    public string Name => "request-termination";

    public int Priority => 2;

    public async Task<bool> AccessAsync(ProxyExchange exchange, PluginInstance instance)
    {
        var config = instance.Config;
        var trigger = (string?)config["trigger"];
        if (trigger is not null && !exchange.Context.Request.Headers.ContainsKey(trigger) && !exchange.Context.Request.Query.ContainsKey(trigger))
        {
            return false;
        }

        var status = (int?)config["status_code"] ?? 503;
        if ((string?)config["body"] is { } body)
        {
            await answers.WriteAsync(exchange, status, body, (string?)config["content_type"] ?? "application/json; charset=utf-8");
        }
        else
        {
            await answers.PlainAsync(exchange, status, (string?)config["message"] ?? DefaultMessage(status));
        }

        return true;
    }

    private static string DefaultMessage(int status) => status switch
    {
        400 => "Bad request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not found",
        405 => "Method not allowed",
        410 => "Gone",
        429 => "Too many requests",
        500 => "An unexpected error occurred",
        502 => "An invalid response was received from the upstream server",
        504 => "The upstream server is timing out",
        _ => "Service unavailable",
    };
}
