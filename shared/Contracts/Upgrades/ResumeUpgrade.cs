namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Goes on after a pause.</summary>
public sealed record ResumeUpgrade : IOperatorCommand
{
    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Who asks, for the timeline.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, for the timeline; may be empty.</summary>
    public string Reason { get; init; } = "";
}
