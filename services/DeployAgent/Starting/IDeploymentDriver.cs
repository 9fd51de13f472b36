using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.DeployAgent.Starting;

/// <summary>Starts and stops the nodes of a cluster on one kind of platform. Every method may be repeated.</summary>
internal interface IDeploymentDriver
{
    /// <summary>The value of <c>deployment.driver</c> that selects this driver.</summary>
    string Name { get; }

    /// <summary>Whether a process of this node runs, ready or not.</summary>
    Task<bool> IsRunningAsync(ClusterSpec cluster, NodeSpec node, CancellationToken cancellationToken);

    /// <summary>Leaves the node running and ready: keeps one that is, restarts one that is stuck, starts one that is not there.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.StartFailed"/>.</exception>
    Task StartAsync(ClusterSpec cluster, NodeSpec node, StepRef step, CancellationToken cancellationToken);

    /// <summary>Stops the node gracefully and returns when its process is gone; a node that does not run is left alone.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.StopFailed"/>.</exception>
    Task StopAsync(ClusterSpec cluster, NodeSpec node, CancellationToken cancellationToken);
}
