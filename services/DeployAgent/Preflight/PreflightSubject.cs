using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Preflight;

/// <summary>What is checked.</summary>
internal sealed record PreflightSubject(UpgradeSpec Spec, Guid UpgradeId)
{
    public KongVersion From { get; } = KongVersion.Parse(Spec.From.Version);

    public KongVersion To { get; } = KongVersion.Parse(Spec.To.Version);

    public ClusterDatabases Databases { get; } = new(Spec);
}
