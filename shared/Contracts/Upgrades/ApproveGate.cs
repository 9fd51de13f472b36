namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Opens the gate at which the upgrade waits.</summary>
public sealed record ApproveGate : IOperatorCommand
{
    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Who asks, for the timeline.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, for the timeline; may be empty.</summary>
    public string Reason { get; init; } = "";
}
