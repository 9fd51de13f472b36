namespace KongUpgradeMesh.Coordinator.Upgrades.Messages;

/// <summary>Nobody decided at a gate or in a pause before its deadline.</summary>
public sealed record WaitDeadlineElapsed
{
    public required Guid UpgradeId { get; init; }
}
