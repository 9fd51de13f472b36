using System.Net.Sockets;
using Yarp.ReverseProxy.Forwarder;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>Sends a request to a peer of its service, and to the next one when a peer cannot be reached.</summary>
internal sealed class UpstreamForwarder(IHttpForwarder forwarder, UpstreamClients clients, GatewayAnswer answers, Flavour flavour, TimeProvider time)
{
    public async Task ForwardAsync(ProxyExchange exchange, ServiceDefinition service)
    {
        var context = exchange.Context;
        var balancer = exchange.Snapshot.Upstreams.GetValueOrDefault(service.Host);
        var path = UpstreamPath.Escaped(UpstreamPath.Of(exchange.Match!, service, exchange.Path, flavour));
        var attempts = 1 + Math.Max(0, service.Retries);
        for (var attempt = 1; ; attempt++)
        {
            var peer = balancer is null ? new Peer($"{service.Host}:{service.Port}", 100) : balancer.Next();
            if (peer is null)
            {
                await answers.CoreAsync(exchange, 503, "failure to get a peer from the ring-balancer");
                return;
            }

            var destination = $"{service.Scheme}://{peer.Address}";
            if (!Uri.TryCreate(destination + path, UriKind.Absolute, out var target))
            {
                await answers.CoreAsync(exchange, 503, "name resolution failed");
                return;
            }

            var host = balancer?.HostHeader ?? (peer.Port == (service.Scheme == "https" ? 443 : 80) ? peer.Host : peer.Address);
            exchange.SentAt = time.GetTimestamp();
            var error = await forwarder.SendAsync(
                context,
                destination,
                clients.For(service.ConnectTimeout),
                new ForwarderRequestConfig { ActivityTimeout = service.ReadTimeout, Version = new Version(1, 1), VersionPolicy = HttpVersionPolicy.RequestVersionExact },
                new UpstreamTransformer(exchange, target, host, answers, time),
                context.RequestAborted);
            if (error == ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            var cause = context.GetForwarderErrorFeature()?.Exception;
            if (attempt < attempts && balancer is not null && CouldNotConnect(cause))
            {
                context.Response.Clear();
                continue;
            }

            await AnswerFailureAsync(exchange, error, cause);
            return;
        }
    }

    private Task AnswerFailureAsync(ProxyExchange exchange, ForwarderError error, Exception? cause)
    {
        exchange.Context.Response.Clear();
        if (cause is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } or { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain } })
        {
            return answers.CoreAsync(exchange, 503, "name resolution failed");
        }

        var late = error == ForwarderError.RequestTimedOut || cause is TaskCanceledException or { InnerException: TimeoutException };
        return late
            ? answers.AfterUpstreamAsync(exchange, 504, "The upstream server is timing out")
            : answers.AfterUpstreamAsync(exchange, 502, "An invalid response was received from the upstream server");
    }

    // Only then is it certain that the upstream has seen nothing of the request.
    private static bool CouldNotConnect(Exception? cause) => cause is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
}
