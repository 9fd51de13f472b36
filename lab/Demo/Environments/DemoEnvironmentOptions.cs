using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Lab.Demo.Environments;

/// <summary>What a <see cref="DemoEnvironment"/> is made of.</summary>
public sealed record DemoEnvironmentOptions
{
    /// <summary>Directory of this environment alone; created. At most 70 characters, because sockets lie below it.</summary>
    public required string Directory { get; init; }

    /// <summary>Path of cluster X's <c>kong</c> executable. Default: the lab's stand-in for 2.8.5.</summary>
    public string KongX { get; init; } = StandInKong.DefaultX;

    /// <summary>Path of cluster Y's <c>kong</c> executable. Default: the lab's stand-in for 3.4.2.</summary>
    public string KongY { get; init; } = StandInKong.DefaultY;

    /// <summary>Name of the cluster. Default <c>demo</c>.</summary>
    public string Cluster { get; init; } = "demo";

    /// <summary>The datacenter it pretends to stand in. Default <c>eu1</c>.</summary>
    public string Datacenter { get; init; } = "eu1";

    /// <summary>Requests a second of the clients; 0 sends none. Default 120.</summary>
    public double RequestsPerSecond { get; init; } = 120;

    /// <summary>How fast the upgrade goes.</summary>
    public LabPacing Pacing { get; init; } = new();

    /// <summary>A server that several environments share; null starts a private one below <see cref="Directory"/>.</summary>
    public PostgresServer? Postgres { get; init; }
}
