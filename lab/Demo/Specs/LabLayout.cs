using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Demo.Clusters;

namespace KongUpgradeMesh.Lab.Demo.Specs;

/// <summary>Everything the spec of a lab cluster is made from.</summary>
public sealed record LabLayout
{
    /// <summary>Name of the cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>The datacenter it pretends to stand in.</summary>
    public required string Datacenter { get; init; }

    /// <summary>Directory of this cluster alone.</summary>
    public required string Directory { get; init; }

    /// <summary>Executable of cluster X.</summary>
    public required KongExecutable KongX { get; init; }

    /// <summary>Executable of cluster Y.</summary>
    public required KongExecutable KongY { get; init; }

    /// <summary>Port of the PostgreSQL server that holds both databases.</summary>
    public required int PostgresPort { get; init; }

    /// <summary>Role of both databases.</summary>
    public required string PostgresUser { get; init; }

    /// <summary>Ports of cluster X's node.</summary>
    public required NodePorts PortsX { get; init; }

    /// <summary>Ports of cluster Y's node.</summary>
    public required NodePorts PortsY { get; init; }

    /// <summary>Name of the traffic driver. Default <c>haproxy</c>.</summary>
    public string TrafficDriver { get; init; } = "haproxy";

    /// <summary>The traffic driver's settings.</summary>
    public required IReadOnlyDictionary<string, string> TrafficSettings { get; init; }

    /// <summary>What the monitor reads beside the nodes. Default nothing.</summary>
    public IReadOnlyList<MetricSourceSpec> Sources { get; init; } = [];

    /// <summary>How fast it goes.</summary>
    public LabPacing Pacing { get; init; } = new();

    /// <summary>Name of cluster X's database.</summary>
    public string DatabaseX => $"kong_{Cluster.Replace('-', '_').Replace('.', '_')}_x";

    /// <summary>Name of cluster Y's database.</summary>
    public string DatabaseY => $"kong_{Cluster.Replace('-', '_').Replace('.', '_')}_y";

    /// <summary>Path of cluster X's kong.conf.</summary>
    public string ConfX => Path.Combine(Directory, "x.kong.conf");

    /// <summary>Path of cluster Y's kong.conf.</summary>
    public string ConfY => Path.Combine(Directory, "y.kong.conf");

    /// <summary>Prefix directory of cluster X's node.</summary>
    public string PrefixX => Path.Combine(Directory, "x-1");

    /// <summary>Prefix directory of cluster Y's node.</summary>
    public string PrefixY => Path.Combine(Directory, "y-1");
}
