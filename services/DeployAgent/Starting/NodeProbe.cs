using System.Net;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Starting;

/// <summary>Asks a node whether it is what it should be and can serve.</summary>
internal sealed class NodeProbe(IKongApis apis)
{
    /// <summary>Null when the node is ready; otherwise what is missing, for people.</summary>
    public async Task<string?> WhyNotReadyAsync(ClusterSpec cluster, NodeSpec node, CancellationToken cancellationToken)
    {
        try
        {
            var seen = (await apis.Admin(node.Admin).GetNodeAsync(cancellationToken)).Version;
            if (!KongVersion.TryParse(seen, out var version) || version != KongVersion.Parse(cluster.Version))
            {
                return $"it reports version {seen} instead of {cluster.Version}";
            }

            return await WhyNotServingAsync(node, cancellationToken);
        }
        catch (Exception exception) when (NodeSilence.Explains(exception, cancellationToken))
        {
            return "its Admin API does not answer";
        }
    }

    private async Task<string?> WhyNotServingAsync(NodeSpec node, CancellationToken cancellationToken)
    {
        if (node.Status is { } address)
        {
            using var ready = await apis.Status(address).GetReadyAsync(cancellationToken);
            if (ready.StatusCode != HttpStatusCode.NotFound)
            {
                return ready.StatusCode == HttpStatusCode.OK ? null : $"its Status API says {ready.StatusCode} at /status/ready";
            }
        }

        // Before 3.3 there is no readiness; /status answers 200 whatever happens, so only its content counts.
        var status = await apis.Admin(node.Admin).GetStatusAsync(cancellationToken);
        return status.Database is { Reachable: true } ? null : "it does not reach its database";
    }
}
