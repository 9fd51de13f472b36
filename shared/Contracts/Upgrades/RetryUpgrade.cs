namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Tries the failed step again, or starts an ended upgrade over in a new epoch.</summary>
public sealed record RetryUpgrade : IOperatorCommand
{
    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Who asks, for the timeline.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, for the timeline; may be empty.</summary>
    public string Reason { get; init; } = "";
}
