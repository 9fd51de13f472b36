namespace KongUpgradeMesh.Coordinator.Upgrades.Messages;

/// <summary>The pause before a failed watch is begun again is over.</summary>
public sealed record WatchRetryElapsed
{
    public required Guid UpgradeId { get; init; }
}
