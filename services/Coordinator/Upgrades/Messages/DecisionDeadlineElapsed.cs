namespace KongUpgradeMesh.Coordinator.Upgrades.Messages;

/// <summary>A step stayed undecided for longer than the spec allows.</summary>
public sealed record DecisionDeadlineElapsed
{
    public required Guid UpgradeId { get; init; }
}
