namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>Somebody who writes, or may write, cluster X's configuration and must be paused before the freeze.</summary>
public sealed record ConfigurationWriter
{
    /// <summary>What it is.</summary>
    public required WriterKind Kind { get; init; }

    /// <summary>What was seen of it, one sentence each, at least one; names and counts, never values of configuration.</summary>
    public required IReadOnlyList<string> Evidence { get; init; }

    /// <summary>How to pause it.</summary>
    public required string Pause { get; init; }
}
