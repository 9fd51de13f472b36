using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Starting;
using KongUpgradeMesh.Kong.Configuration;

namespace KongUpgradeMesh.DeployAgent.Preflight;

/// <summary>What configuration says of mode and database, and that cluster Y shares no directory and no address with cluster X.</summary>
internal sealed class SpecCheck(DeploymentDrivers drivers) : IPreflightCheck
{
    public async Task RunAsync(PreflightSubject subject, PreflightReport report, CancellationToken cancellationToken)
    {
        var (x, y) = (subject.Spec.From, subject.Spec.To);
        foreach (var node in x.Nodes)
        {
            var set = await KongConfigurationReader.ReadAsync(x.Deployment, node, SecretReference.Resolve, cancellationToken);
            ModeRule.Apply(key => set[key], "X", report);
        }

        if (x.Database.Schema != y.Database.Schema)
        {
            report.Problem(FailureCodes.SpecInvalid, "The clusters name different schemas, but a dump is restored into the schema it came from.", "Use the same schema in from.database and to.database.");
        }

        foreach (var shared in x.Nodes.Select(Prefix).Intersect(y.Nodes.Select(Prefix)))
        {
            report.Problem(FailureCodes.SpecInvalid, $"Both clusters use the prefix {shared}.", "Give each node of cluster Y a directory of its own.");
        }

        foreach (var address in x.Nodes.SelectMany(Addresses).Intersect(y.Nodes.SelectMany(Addresses)))
        {
            report.Problem(FailureCodes.SpecInvalid, $"Both clusters use the address {address}.", "Give the nodes of cluster Y addresses of their own.");
        }

        foreach (var node in y.Nodes)
        {
            await CheckNodeAsync(subject, node, report, cancellationToken);
        }
    }

    private async Task CheckNodeAsync(PreflightSubject subject, NodeSpec node, PreflightReport report, CancellationToken cancellationToken)
    {
        await NodeEnvironment.ComposeAsync(subject.Spec.To, node, node.Prefix, cancellationToken);
        var isRunning = await drivers.For(subject.Spec.To).IsRunningAsync(subject.Spec.To, node, cancellationToken);
        var mark = NodeMark.Read(node.Prefix);

        // What an earlier, rolled-back upgrade of this cluster left behind may be used again once nothing runs there.
        var isOurs = mark is not null
            && (mark.UpgradeId == subject.UpgradeId || (!isRunning && mark.Cluster == subject.Spec.Cluster && mark.Version == subject.Spec.To.Version));
        if (!isOurs && !NodeMark.IsUnused(node.Prefix))
        {
            report.Problem(FailureCodes.SpecInvalid, $"The prefix {node.Prefix} of node {node.Name} is in use.", "Name an empty or absent directory, or empty this one if nobody needs it.");
        }

        if (isRunning && isOurs)
        {
            return;
        }

        foreach (var address in Addresses(node))
        {
            if (await ProcessDriver.ListensAsync(new Uri("tcp://" + address), cancellationToken))
            {
                report.Problem(FailureCodes.SpecInvalid, $"Something already listens on {address}, which node {node.Name} of cluster Y needs.", "Free the port, or name another one.");
            }
        }
    }

    private static string Prefix(NodeSpec node) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(node.Prefix));

    private static IEnumerable<string> Addresses(NodeSpec node) => new[] { node.Proxy, node.Admin, node.Status }.OfType<Uri>().Select(static u => u.Authority).Distinct();
}
