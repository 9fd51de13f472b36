namespace KongUpgradeMesh.Coordinator.Upgrades.Messages;

/// <summary>A step was neither taken nor ended before its deadline.</summary>
public sealed record StepDeadlineElapsed
{
    public required Guid UpgradeId { get; init; }
}
