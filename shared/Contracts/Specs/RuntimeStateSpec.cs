namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>Which run-time state of cluster X is carried to cluster Y again before each traffic step, beyond what the backup brought.</summary>
/// <remarks>Only from X to Y: cluster X's database is never written, so after a rollback X knows nothing of what Y counted or issued.</remarks>
public sealed record RuntimeStateSpec
{
    /// <summary>Whether rate-limiting counters of windows that have not ended are added to those of cluster Y. Default true.</summary>
    public bool CarryCounters { get; init; } = true;

    /// <summary>Whether OAuth 2.0 tokens that were issued, renewed or revoked on cluster X are so on cluster Y as well. Default true.</summary>
    public bool CarryTokens { get; init; } = true;
}
