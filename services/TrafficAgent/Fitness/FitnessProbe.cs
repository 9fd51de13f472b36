using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Admin;

namespace KongUpgradeMesh.TrafficAgent.Fitness;

/// <summary>Asks the nodes of a cluster themselves whether they can serve.</summary>
public sealed class FitnessProbe : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public FitnessProbe(TimeProvider clock)
    {
        _clock = clock;
        var handler = NodeConnections.NewHandler();

        // A new connection each time: an old one may outlive the listener that clients need.
        handler.PooledConnectionLifetime = TimeSpan.Zero;
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Asks every node at the same time whether its proxy answers HTTP, whatever the status: a 404 or an upstream's error is an answer.</summary>
    /// <param name="nodes">The nodes of one cluster.</param>
    /// <param name="bound">How long each may take.</param>
    /// <param name="cancellationToken">Cancels the probe.</param>
    public async Task<ClusterFitness> ProbeProxiesAsync(IReadOnlyList<NodeSpec> nodes, TimeSpan bound, CancellationToken cancellationToken) =>
        new(await Task.WhenAll(nodes.Select(n => AskAsync(n.Name, n.Proxy, static (_, _) => Task.FromResult<string?>(null), bound, cancellationToken))));

    /// <summary>As <see cref="ProbeProxiesAsync"/>, and where there is a Status API it must say 200 and that the database is reachable.</summary>
    public async Task<ClusterFitness> ProbeFullyAsync(IReadOnlyList<NodeSpec> nodes, TimeSpan bound, CancellationToken cancellationToken)
    {
        var proxies = ProbeProxiesAsync(nodes, bound, cancellationToken);
        var statuses = Task.WhenAll(nodes.Where(static n => n.Status is not null)
            .Select(n => AskAsync(n.Name, new Uri(n.Status!, "/status"), StatusProblemAsync, bound, cancellationToken)));
        return new ClusterFitness([.. (await proxies).Nodes, .. await statuses]);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<string?> StatusProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return $"its Status API answers {(int)response.StatusCode}";
        }

        try
        {
            using var status = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
            return status.RootElement.ValueKind == JsonValueKind.Object
                && status.RootElement.TryGetProperty("database", out var database) && database.ValueKind == JsonValueKind.Object
                && database.TryGetProperty("reachable", out var reachable) && reachable.ValueKind == JsonValueKind.False
                    ? "its database is not reachable"
                    : null;
        }
        catch (JsonException)
        {
            return "its Status API answers no JSON";
        }
    }

    private async Task<NodeFitness> AskAsync(
        string node, Uri address, Func<HttpResponseMessage, CancellationToken, Task<string?>> problemOf, TimeSpan bound, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(bound, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await _http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            return await problemOf(response, linked.Token) is { } problem ? new NodeFitness(node, NodeState.Sick, problem) : new NodeFitness(node, NodeState.Fit, "");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new NodeFitness(node, NodeState.Unknown, $"{address} did not answer within {bound}");
        }
        catch (HttpRequestException exception)
        {
            var refused = exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.ConnectionReset }
                || exception.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse;
            return new NodeFitness(node, refused ? NodeState.Sick : NodeState.Unknown, $"{address}: {exception.HttpRequestError}");
        }
        catch (IOException)
        {
            return new NodeFitness(node, NodeState.Sick, $"{address} broke off its answer");
        }
    }
}
