using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.Coordinator.Upgrades.Messages;

/// <summary>Begins an accepted upgrade. Sent by the intake to the saga, in the transaction that took the cluster's lock.</summary>
public sealed record BeginUpgrade
{
    public required Guid UpgradeId { get; init; }

    public required string RequestId { get; init; }

    public required string RequestedBy { get; init; }

    public required UpgradeSpec Spec { get; init; }
}
