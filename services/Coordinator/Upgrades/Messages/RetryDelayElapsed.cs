namespace KongUpgradeMesh.Coordinator.Upgrades.Messages;

/// <summary>The pause before a failed step is tried again is over.</summary>
public sealed record RetryDelayElapsed
{
    public required Guid UpgradeId { get; init; }
}
