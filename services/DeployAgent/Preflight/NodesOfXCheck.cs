using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Starting;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Preflight;

/// <summary>Every node of cluster X answers, has the version of the spec and runs in a mode that can be upgraded.</summary>
internal sealed class NodesOfXCheck(IKongApis apis) : IPreflightCheck
{
    public async Task RunAsync(PreflightSubject subject, PreflightReport report, CancellationToken cancellationToken)
    {
        foreach (var node in subject.Spec.From.Nodes)
        {
            await CheckAsync(subject, node, report, cancellationToken);
        }
    }

    private async Task CheckAsync(PreflightSubject subject, NodeSpec node, PreflightReport report, CancellationToken cancellationToken)
    {
        try
        {
            var api = apis.Admin(node.Admin);
            var seen = await api.GetNodeAsync(cancellationToken);
            report.Fact($"node {node.Name} of X", seen.Version);
            if (!KongVersion.TryParse(seen.Version, out var version) || version != subject.From)
            {
                report.Problem(FailureCodes.VersionMismatch, $"Node {node.Name} of cluster X runs {seen.Version}, the spec says {subject.Spec.From.Version}.", "Correct from.version, or the node.");
            }

            ModeRule.Apply(seen.Setting, "X", report);
            if ((await api.GetStatusAsync(cancellationToken)).Database is { Reachable: false })
            {
                report.Problem(FailureCodes.ClusterUnreachable, $"Node {node.Name} of cluster X does not reach its database.", "Heal cluster X before upgrading it.");
            }
        }
        catch (Exception exception) when (NodeSilence.Explains(exception, cancellationToken))
        {
            report.Problem(new Failure
            {
                Code = FailureCodes.ClusterUnreachable,
                Message = $"Node {node.Name} of cluster X does not answer at {node.Admin}.",
                Remedy = "Check the node, and that this agent's host may reach its Admin API.",
                IsTransient = true,
            });
        }
    }
}
