namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>A breaking change that applies to this configuration.</summary>
public sealed record AssessmentFinding
{
    /// <summary>Id of the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>How bad it is.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>The plugin instance, route, key of kong.conf or table that is hit.</summary>
    public required string Subject { get; init; }

    /// <summary>What to do.</summary>
    public required string Remedy { get; init; }
}
