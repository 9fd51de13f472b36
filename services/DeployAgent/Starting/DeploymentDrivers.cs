using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.DeployAgent.Starting;

/// <summary>The drivers this agent has.</summary>
internal sealed class DeploymentDrivers(IEnumerable<IDeploymentDriver> drivers)
{
    private readonly Dictionary<string, IDeploymentDriver> _drivers = drivers.ToDictionary(static d => d.Name, StringComparer.Ordinal);

    /// <exception cref="StepFailedException">With <see cref="FailureCodes.DriverUnknown"/>.</exception>
    public IDeploymentDriver For(ClusterSpec cluster) => _drivers.TryGetValue(cluster.Deployment.Driver, out var driver)
        ? driver
        : throw new StepFailedException(new Failure
        {
            Code = FailureCodes.DriverUnknown,
            Message = $"This agent has no deployment driver '{cluster.Deployment.Driver}'.",
            Remedy = $"Use one of: {string.Join(", ", _drivers.Keys.Order())}.",
        });
}
