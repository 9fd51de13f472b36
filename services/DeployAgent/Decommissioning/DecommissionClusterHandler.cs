using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.DeployAgent.Carrying;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.DeployAgent.Starting;
using KongUpgradeMesh.Hosting.Agents;

namespace KongUpgradeMesh.DeployAgent.Decommissioning;

/// <summary>Stops the nodes of one side, one after the other; the database stays.</summary>
internal sealed class DecommissionClusterHandler(DeploymentDrivers drivers) : IStepHandler<DecommissionCluster>
{
    public async Task<IStepEvent> RunAsync(StepContext<DecommissionCluster> context, CancellationToken cancellationToken)
    {
        var (side, spec) = (context.Command.Side, context.Command.Spec);
        var (cluster, other) = side == ClusterSide.X ? (spec.From, spec.To) : (spec.To, spec.From);
        EnsurePrefixesDiffer(cluster, other);
        var driver = drivers.For(cluster);
        foreach (var (index, node) in cluster.Nodes.Index())
        {
            await context.ReportAsync($"stopping node {node.Name} of cluster {side}", index / (double)cluster.Nodes.Count, cancellationToken);
            await driver.StopAsync(cluster, node, cancellationToken);
            await EnsureSilentAsync(side, node, cancellationToken);
        }

        if (side == ClusterSide.X)
        {
            await ForgetCarriedAsync(context, cancellationToken);
        }

        return new ClusterDecommissioned { Step = context.Step, Agent = context.Agent, Side = side, Nodes = [.. cluster.Nodes.Select(static n => n.Name)] };
    }

    // Cluster X counts no more. Marks that are left do no harm: a dump of cluster Y brings them along, and the next restore replaces them.
    private static async Task ForgetCarriedAsync(StepContext<DecommissionCluster> context, CancellationToken cancellationToken)
    {
        var databases = new ClusterDatabases(context.Command.Spec);
        try
        {
            await new TargetDatabase(databases, context.Step.UpgradeId).EnsureOwnAsync(cancellationToken);
            await CarrySchema.RemoveAsync(databases.Y, cancellationToken);
        }
        catch (StepFailedException exception)
        {
            await context.ReportAsync(
                $"schema {CarrySchema.Name} stays in {databases.Y} ({exception.Failure.Code}); DROP SCHEMA {CarrySchema.Name} CASCADE removes it", null, cancellationToken);
        }
    }

    private static void EnsurePrefixesDiffer(ClusterSpec cluster, ClusterSpec other)
    {
        var shared = cluster.Nodes.Select(static n => Path.GetFullPath(n.Prefix)).Intersect(other.Nodes.Select(static n => Path.GetFullPath(n.Prefix))).ToList();
        if (shared.Count > 0)
        {
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.SpecInvalid,
                Message = "Both clusters name the same prefix, so it is not certain whose node would be stopped.",
                Remedy = "Give each node a prefix of its own; nothing was stopped.",
                Details = shared,
            });
        }
    }

    // No process by the prefix but an answer on the port: the node runs somewhere else, and silence must not be reported.
    private static async Task EnsureSilentAsync(ClusterSide side, NodeSpec node, CancellationToken cancellationToken)
    {
        if (await ProcessDriver.ListensAsync(node.Admin, cancellationToken))
        {
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.StopFailed,
                Message = $"Node {node.Name} of cluster {side} has no process under {node.Prefix} on this host, but {node.Admin} still answers.",
                Remedy = "Correct the node's prefix, or run the agent on the node's host; then: kum retry.",
            });
        }
    }
}
