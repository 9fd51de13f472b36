using Microsoft.AspNetCore.WebUtilities;
using Yarp.ReverseProxy.Forwarder;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>Shapes one request for its upstream and the answer for the client.</summary>
internal sealed class UpstreamTransformer(ProxyExchange exchange, Uri target, string host, GatewayAnswer answers, TimeProvider time) : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var query = httpContext.Request.QueryString.Value ?? "";
        if (exchange.HiddenArguments.Count > 0)
        {
            var kept = QueryHelpers.ParseQuery(query).Where(a => !exchange.HiddenArguments.Contains(a.Key)).SelectMany(a => a.Value, (a, v) => KeyValuePair.Create(a.Key, v));
            query = QueryString.Create(kept).Value ?? "";
        }

        proxyRequest.RequestUri = new Uri(target.GetLeftPart(UriPartial.Path) + query);
        var headers = proxyRequest.Headers;
        headers.Host = exchange.Match!.Route.PreserveHost ? httpContext.Request.Host.Value : host;
        var client = exchange.ClientAddress;
        var forwarded = httpContext.Request.Headers["X-Forwarded-For"].ToString();
        Set(proxyRequest, "X-Forwarded-For", forwarded.Length == 0 ? client : $"{forwarded}, {client}");
        Set(proxyRequest, "X-Forwarded-Proto", "http");
        Set(proxyRequest, "X-Forwarded-Host", httpContext.Request.Host.Host);
        Set(proxyRequest, "X-Forwarded-Port", httpContext.Connection.LocalPort.ToString());
        Set(proxyRequest, "X-Forwarded-Path", UpstreamPath.Escaped(exchange.Path));
        if (exchange.Match.Route.StripPath && exchange.Match.Matched > 0)
        {
            Set(proxyRequest, "X-Forwarded-Prefix", UpstreamPath.Escaped(exchange.Path[..Math.Min(exchange.Match.Matched, exchange.Path.Length)]));
        }

        Set(proxyRequest, "X-Real-IP", client);
        foreach (var (name, value) in exchange.RequestHeaders)
        {
            Set(proxyRequest, name, value);
        }

        exchange.SentAt = time.GetTimestamp();
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return false;
        }

        exchange.AnsweredAt = time.GetTimestamp();
        exchange.FromUpstream = true;
        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        var headers = httpContext.Response.Headers;
        answers.AddProxyHeaders(exchange, headers);
        foreach (var edit in exchange.ResponseEdits)
        {
            edit(headers);
        }

        foreach (var (name, value) in exchange.ResponseHeaders)
        {
            headers[name] = value;
        }

        return true;
    }

    private static void Set(HttpRequestMessage request, string name, string? value)
    {
        request.Headers.Remove(name);
        request.Content?.Headers.Remove(name);
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
