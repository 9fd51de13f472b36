namespace KongUpgradeMesh.Coordinator.Upgrades.Messages;

/// <summary>The pause before the guard of the fences is sent again is over.</summary>
public sealed record GuardRetryElapsed
{
    public required Guid UpgradeId { get; init; }
}
