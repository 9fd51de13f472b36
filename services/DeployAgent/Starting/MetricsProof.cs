using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.DeployAgent.Staging;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Starting;

/// <summary>Sees for itself that a node counts requests: sends it a few and reads its metrics.</summary>
internal sealed class MetricsProof(IKongApis apis, StagingClient client, TimeProvider clock)
{
    private const string Counter = "kong_http_requests_total{";
    private const int RequestsPerRound = 3;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    // Nodes learn of changes every five seconds and rebuild their plugins up to five seconds later.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Names of the nodes that did not show a count in time; whether that is a fault is for the monitor to say, which watches before any traffic moves.</summary>
    public async Task<IReadOnlyList<string>> BlindNodesAsync(ClusterSpec cluster, KongEntities entities, CancellationToken cancellationToken)
    {
        var requests = RouteExamples.Of(entities, KongVersion.Parse(cluster.Version), int.MaxValue).Requests
            .Where(static e => e.Route.ServiceId is not null)
            .Take(RequestsPerRound)
            .Select(static e => e.Request)
            .ToList();
        var seen = await Task.WhenAll(cluster.Nodes.Select(n => CountsAsync(n, requests, cancellationToken)));
        return [.. cluster.Nodes.Zip(seen).Where(static n => !n.Second).Select(static n => n.First.Name)];
    }

    private async Task<bool> CountsAsync(NodeSpec node, List<StagingRequest> requests, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (requests.Count > 0 && clock.GetElapsedTime(started) < Patience)
        {
            foreach (var request in requests)
            {
                await client.SendAsync(node.Proxy, request, cancellationToken);
            }

            if (await HasCounterAsync(node, cancellationToken))
            {
                return true;
            }

            await Task.Delay(Poll, clock, cancellationToken);
        }

        return false;
    }

    private async Task<bool> HasCounterAsync(NodeSpec node, CancellationToken cancellationToken)
    {
        try
        {
            return (await apis.Status(node.Status ?? node.Admin).GetMetricsAsync(cancellationToken)).Contains(Counter, StringComparison.Ordinal);
        }
        catch (Exception exception) when (NodeSilence.Explains(exception, cancellationToken))
        {
            return false;
        }
    }
}
