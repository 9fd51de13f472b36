namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>Permits what would otherwise be refused.</summary>
public sealed record OverrideSpec
{
    /// <summary>Why; kept in the timeline. At least 10 characters.</summary>
    public required string Reason { get; init; }

    /// <summary>Permits a version jump that Kong does not support. Default false.</summary>
    public bool VersionPath { get; init; } = false;

    /// <summary>Permits breaking changes that are rated as blockers. Default false.</summary>
    public bool Blockers { get; init; } = false;
}
