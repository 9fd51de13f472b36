namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Moves all traffic to cluster X at once and ends the upgrade.</summary>
public sealed record RollBackUpgrade : IOperatorCommand
{
    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Who asks, for the timeline.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, for the timeline; may be empty.</summary>
    public string Reason { get; init; } = "";
}
