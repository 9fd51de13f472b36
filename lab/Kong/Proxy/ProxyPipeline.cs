using KongUpgradeMesh.Lab.StandInKong.Faults;
using KongUpgradeMesh.Lab.StandInKong.Metrics;
using KongUpgradeMesh.Lab.StandInKong.Migrations;
using KongUpgradeMesh.Lab.StandInKong.Node;
using KongUpgradeMesh.Lab.StandInKong.Plugins;
using Microsoft.AspNetCore.Http.Features;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>One proxied request from the router to the metrics.</summary>
internal sealed class ProxyPipeline(
    SnapshotKeeper keeper,
    PluginChain plugins,
    UpstreamForwarder forwarder,
    GatewayAnswer answers,
    TrafficMetrics metrics,
    FaultWatcher faults,
    Flavour flavour,
    TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        var started = time.GetTimestamp();
        var counting = new CountingStream(context.Response.Body);
        context.Response.Body = counting;
        var exchange = new ProxyExchange(context, keeper.Current, PathOf(context), started);
        var applied = faults.Current;
        var faulty = applied.Apply();
        exchange.Match = exchange.Snapshot.Router.Find(context.Request.Method, context.Request.Host.Value ?? "", exchange.Path, context.Request.Headers);
        if (exchange.Match is null || (faulty && applied.Loses(exchange.Match.Route.Name)))
        {
            plugins.OnUnmatched(exchange);
            await answers.CoreAsync(exchange, 404, "no Route matched with those values");
            return;
        }

        exchange.Service = exchange.Match.Route.ServiceId is { } id ? exchange.Snapshot.Services.GetValueOrDefault(id) : null;
        if (faulty && applied.Plan.LatencyMs > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(applied.Plan.LatencyMs), time, context.RequestAborted);
        }

        exchange.RejectsKey = faulty && applied.RejectsKey();
        await RespondAsync(exchange, faulty && applied.AnswersError(exchange.Match.Route.Name));
        metrics.Record(exchange, counting.Count);
    }

    private async Task RespondAsync(ProxyExchange exchange, bool broken)
    {
        if (broken)
        {
            await answers.ErrorAsync(exchange, 500, "An unexpected error occurred");
            return;
        }

        var route = exchange.Match!.Route;
        if (route.Protocols.Count > 0 && !route.Protocols.Contains("http") && route.Protocols.Contains("https"))
        {
            plugins.OnUnmatched(exchange);
            await RequireTlsAsync(exchange, route);
            return;
        }

        if (await plugins.AccessAsync(exchange))
        {
            return;
        }

        if (exchange.Service is null)
        {
            await answers.CoreAsync(exchange, 503, "no Service found with those values");
            return;
        }

        await forwarder.ForwardAsync(exchange, exchange.Service);
    }

    private Task RequireTlsAsync(ProxyExchange exchange, RouteDefinition route)
    {
        var headers = exchange.Context.Response.Headers;
        if (route.RedirectStatus == 426)
        {
            headers.Connection = "Upgrade";
            headers.Upgrade = "TLS/1.2, HTTP/1.1";
            return answers.CoreAsync(exchange, 426, "Please use HTTPS protocol");
        }

        headers.Location = $"https://{exchange.Context.Request.Host.Host}{exchange.Context.Features.Get<IHttpRequestFeature>()?.RawTarget}";
        return answers.WriteAsync(exchange, route.RedirectStatus, "");
    }

    // 2.x routes on the path as it came, 3.x on its normal form.
    private string PathOf(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? context.Request.Path.Value ?? "/";
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        if (!path.StartsWith('/'))
        {
            path = context.Request.Path.Value ?? "/";
        }

        return flavour.IsThree ? PathConversion.Decode(path, regex: false) : path;
    }
}
