using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Cluster Y carries all traffic, cluster X is gone, writes are allowed.</summary>
public sealed record UpgradeCompleted : IUpgradeEvent
{
    /// <summary>The requester's own id of the start command.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it happened, by the coordinator's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>The cluster that is upgraded.</summary>
    public required string Cluster { get; init; }

    /// <summary>What was alerted after there was no way back, in the order in which it was found; empty when nothing was.</summary>
    public IReadOnlyList<VerdictFinding> Findings { get; init; } = [];
}
