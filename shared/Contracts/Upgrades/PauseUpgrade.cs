namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Stops advancing after the running step; traffic stays as it is and stays watched.</summary>
public sealed record PauseUpgrade : IOperatorCommand
{
    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Who asks, for the timeline.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, for the timeline; may be empty.</summary>
    public string Reason { get; init; } = "";
}
