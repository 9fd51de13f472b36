using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Demo.Environments;

namespace KongUpgradeMesh.Lab.Demo.Standing;

/// <summary>One cluster of a lab.</summary>
public sealed record LabClusterState
{
    /// <summary>Its name.</summary>
    public required string Cluster { get; init; }

    /// <summary>Version of X.</summary>
    public required string From { get; init; }

    /// <summary>Version of Y.</summary>
    public required string To { get; init; }

    /// <summary>The spec of its upgrade, YAML.</summary>
    public required string SpecFile { get; init; }

    /// <summary>Where its clients connect.</summary>
    public required Uri Balancer { get; init; }

    /// <summary>Process id of its load balancer.</summary>
    public required int BalancerProcessId { get; init; }

    /// <summary>The node of X.</summary>
    public required NodeSpec NodeX { get; init; }

    /// <summary>The node of Y, which runs only while and after an upgrade.</summary>
    public required NodeSpec NodeY { get; init; }

    /// <summary>Describes a running environment.</summary>
    public static LabClusterState Of(DemoEnvironment environment) => new()
    {
        Cluster = environment.Spec.Cluster,
        From = environment.Spec.From.Version,
        To = environment.Spec.To.Version,
        SpecFile = environment.SpecFile,
        Balancer = environment.Balancer.Address,
        BalancerProcessId = environment.Balancer.ProcessId,
        NodeX = environment.NodeX.Spec,
        NodeY = environment.NodeY.Spec,
    };
}
