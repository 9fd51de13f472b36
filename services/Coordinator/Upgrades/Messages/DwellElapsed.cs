namespace KongUpgradeMesh.Coordinator.Upgrades.Messages;

/// <summary>The dwell of a traffic step, the soak or the watch after the end is over.</summary>
public sealed record DwellElapsed
{
    public required Guid UpgradeId { get; init; }
}
