using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Admin;

namespace KongUpgradeMesh.MonitorAgent.Sources.Availability;

/// <summary>Proves of one node that its counters tell of its clients: known requests to its proxy must move the counter of all requests that nginx takes.</summary>
/// <remarks>
/// A status endpoint that answers is no proof: it may be another node's, a copy in a cache, or count nothing. The path of the requests is made up,
/// so that no route matches it; where a route takes every path, its service sees some GETs of an unknown path. Not safe for several threads.
/// </remarks>
/// <param name="client">Sends the requests; never follows a redirection.</param>
/// <param name="node">The node.</param>
public sealed class SeriesProof(HttpMessageInvoker client, NodeSpec node)
{
    /// <summary>Known requests of one try: more than health checks and other scrapers send meanwhile.</summary>
    public const int Requests = 20;

    private static readonly string Path = $"kum-known-request-{Guid.NewGuid():N}";

    private double? _before;
    private bool _moved;

    /// <summary>A client as the proof needs it.</summary>
    public static HttpMessageInvoker NewClient()
    {
        var handler = NodeConnections.NewHandler();
        (handler.ConnectTimeout, handler.MaxConnectionsPerServer) = (TimeSpan.FromSeconds(2), 1);
        return new HttpMessageInvoker(handler);
    }

    /// <summary>Sends the known requests and reads the node; once proven, only reads it.</summary>
    /// <param name="read">Reads the node.</param>
    /// <param name="timeout">The limit for the known requests.</param>
    /// <param name="clock">Measures the limit.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<NodeReading> ReadAsync(Func<Task<NodeReading>> read, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (_moved)
        {
            return await read();
        }

        var (answered, problem) = _before is null ? (0, null) : await SendAsync(timeout, clock, cancellationToken);
        var reading = await read();
        if (reading.Sample is not { } sample)
        {
            // The next reading is compared with the next but one: what was sent before this one is then not known to have been counted.
            _before = null;
            return reading with { OwnRequests = reading.OwnRequests + answered, SeriesMoved = false, Unproven = $"its counters cannot be read ({reading.Problem ?? "no metrics"})" };
        }

        var moved = sample.NginxRequests - _before - reading.OwnRequests;
        _before = sample.NginxRequests;
        _moved = answered == Requests && moved >= Requests;
        return reading with
        {
            OwnRequests = reading.OwnRequests + answered,
            SeriesMoved = _moved,
            Unproven = _moved ? null : Cause(answered, moved, problem),
        };
    }

    private string Cause(int answered, double? moved, string? problem) => (answered, moved) switch
    {
        (_, null) => "no known request has been sent yet",
        (< Requests, _) => $"the monitor agent reaches {node.Proxy} only for {answered} of {Requests} requests ({problem}); open it for the agent's host",
        _ => $"{Requests} requests to {node.Proxy} moved the counter of {node.Status ?? node.Admin} by {Math.Max(0, moved!.Value):0}; is the proxy address, or the status address, another node's?",
    };

    private async Task<(int Answered, string? Problem)> SendAsync(TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var bounded = new CancellationTokenSource(timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, cancellationToken);
        var answered = 0;
        try
        {
            for (; answered < Requests; answered++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(node.Proxy.AbsoluteUri.TrimEnd('/') + "/"), Path));
                using var response = await client.SendAsync(request, linked.Token);
            }

            return (answered, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (answered, $"no answer within {timeout.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException exception)
        {
            return (answered, exception.HttpRequestError.ToString());
        }
    }
}
