using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Tries the failed step again, or starts an ended upgrade over in a new epoch.</summary>
public sealed record RetryUpgrade : IOverridingCommand
{
    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Who asks, for the timeline.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, for the timeline; may be empty.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The findings that no longer fail the upgrade. Default empty.</summary>
    public IReadOnlyList<FindingRef> Overrides { get; init; } = [];
}
