using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Something needs a person although the upgrade goes on or cannot act.</summary>
public sealed record UpgradeAlerted : IUpgradeEvent
{
    /// <summary>The requester's own id of the start command.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it happened, by the coordinator's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>The cluster that is upgraded.</summary>
    public required string Cluster { get; init; }

    /// <summary>What, and what to do.</summary>
    public required Failure Failure { get; init; }

    /// <summary>The monitor's findings that are new with this alert; empty when it is about something else.</summary>
    public IReadOnlyList<VerdictFinding> Findings { get; init; } = [];
}
