namespace KongUpgradeMesh.Lab.Demo.Standing;

/// <summary>What a <see cref="StandingLab"/> is made of.</summary>
public sealed record StandingLabOptions
{
    /// <summary>Its directory.</summary>
    public required string Directory { get; init; }

    /// <summary>Where the clusters pretend to stand. Default <c>eu1</c>.</summary>
    public string Datacenter { get; init; } = "eu1";

    /// <summary>How many clusters, 1 to 50. Default 1.</summary>
    public int Clusters { get; init; } = 1;

    /// <summary>Client requests a second to each cluster. Default 40.</summary>
    public double RequestsPerSecond { get; init; } = 40;

    /// <summary>Executable of every cluster X.</summary>
    public string KongX { get; init; } = Lab.Demo.Clusters.StandInKong.DefaultX;

    /// <summary>Executable of every cluster Y.</summary>
    public string KongY { get; init; } = Lab.Demo.Clusters.StandInKong.DefaultY;
}
