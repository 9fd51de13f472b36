namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Ends the upgrade: rolls back whatever was done and lifts the fence.</summary>
public sealed record AbortUpgrade : IOperatorCommand
{
    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Who asks, for the timeline.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, for the timeline; may be empty.</summary>
    public string Reason { get; init; } = "";
}
