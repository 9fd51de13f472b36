using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Faults;
using KongUpgradeMesh.Lab.Demo.Specs;

namespace KongUpgradeMesh.Lab.Demo.Running;

/// <summary>What a demo shows.</summary>
public sealed record DemoOptions
{
    /// <summary>What goes wrong with cluster Y at 25 percent; null for nothing.</summary>
    public FaultKind? Fault { get; init; }

    /// <summary>Cluster X's executable.</summary>
    public string KongX { get; init; } = StandInKong.DefaultX;

    /// <summary>Cluster Y's executable.</summary>
    public string KongY { get; init; } = StandInKong.DefaultY;

    /// <summary>Directory of everything; created.</summary>
    public required string Directory { get; init; }

    /// <summary>Whether everything is left in the directory; else only the report is.</summary>
    public bool Keep { get; init; }

    /// <summary>Requests a second. Default 120.</summary>
    public double RequestsPerSecond { get; init; } = 120;

    /// <summary>How fast it goes.</summary>
    public LabPacing Pacing { get; init; } = new();

    /// <summary>How long the whole may take. Default 5 minutes.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(5);
}
