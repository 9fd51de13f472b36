namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>One of the two clusters.</summary>
public sealed record ClusterSpec
{
    /// <summary>Kong's version, for example <c>2.8.5</c> or <c>3.4.3.5</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Open source or Enterprise. Default <see cref="KongEdition.Community"/>.</summary>
    public KongEdition Edition { get; init; } = KongEdition.Community;

    /// <summary>Its PostgreSQL database.</summary>
    public required DatabaseSpec Database { get; init; }

    /// <summary>How its nodes are started and stopped.</summary>
    public required DeploymentSpec Deployment { get; init; }

    /// <summary>Its nodes, at least one.</summary>
    public required IReadOnlyList<NodeSpec> Nodes { get; init; }
}
