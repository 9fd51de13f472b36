using System.Text;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>Answers that the gateway itself gives. Kong has two ways to print a message, and 3.x uses the long one more often.</summary>
internal sealed class GatewayAnswer(Flavour flavour, TimeProvider time)
{
    /// <summary>What the router and the balancer say.</summary>
    public Task CoreAsync(ProxyExchange exchange, int status, string message) =>
        WriteAsync(exchange, status, flavour.IsThree ? Long(message) : Short(message));

    /// <summary>What plugins say when they refuse.</summary>
    public Task ErrorAsync(ProxyExchange exchange, int status, string message) => WriteAsync(exchange, status, Long(message));

    /// <summary>What a plugin was told to say.</summary>
    public Task PlainAsync(ProxyExchange exchange, int status, string message) => WriteAsync(exchange, status, Short(message));

    /// <summary>What follows a failed attempt to reach the upstream: it bears the headers of a proxied answer.</summary>
    public Task AfterUpstreamAsync(ProxyExchange exchange, int status, string message)
    {
        AddProxyHeaders(exchange, exchange.Context.Response.Headers);
        return BodyAsync(exchange, status, Long(message), "application/json; charset=utf-8");
    }

    public Task WriteAsync(ProxyExchange exchange, int status, string body, string contentType = "application/json; charset=utf-8")
    {
        var headers = exchange.Context.Response.Headers;
        headers.Server = flavour.ServerToken;
        headers["X-Kong-Response-Latency"] = ((int)time.GetElapsedTime(exchange.StartedAt).TotalMilliseconds).ToString();
        return BodyAsync(exchange, status, body, contentType);
    }

    /// <summary>Via and the two latencies, for an answer that came from the upstream.</summary>
    public void AddProxyHeaders(ProxyExchange exchange, IHeaderDictionary headers)
    {
        var answered = exchange.AnsweredAt == 0 ? time.GetTimestamp() : exchange.AnsweredAt;
        headers.Via = flavour.ServerToken;
        headers["X-Kong-Upstream-Latency"] = ((int)time.GetElapsedTime(exchange.SentAt, answered).TotalMilliseconds).ToString();
        headers["X-Kong-Proxy-Latency"] = ((int)time.GetElapsedTime(exchange.StartedAt, exchange.SentAt).TotalMilliseconds).ToString();
    }

    private static async Task BodyAsync(ProxyExchange exchange, int status, string body, string contentType)
    {
        var response = exchange.Context.Response;
        response.StatusCode = status;
        foreach (var (name, value) in exchange.ResponseHeaders)
        {
            response.Headers[name] = value;
        }

        response.ContentType = contentType;
        var bytes = Encoding.UTF8.GetBytes(body);
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(exchange.Context.Request.Method))
        {
            await response.Body.WriteAsync(bytes, exchange.Context.RequestAborted);
        }
    }

    private static string Short(string message) => $"{{\"message\":{System.Text.Json.JsonSerializer.Serialize(message)}}}";

    private static string Long(string message) => $"{{\n  \"message\":{System.Text.Json.JsonSerializer.Serialize(message)}\n}}";
}
