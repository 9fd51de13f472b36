namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>The upgrade has stopped advancing and waits for a person.</summary>
public sealed record UpgradePaused : IUpgradeEvent
{
    /// <summary>The requester's own id of the start command.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it happened, by the coordinator's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>The cluster that is upgraded.</summary>
    public required string Cluster { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>When it rolls back by itself; null never.</summary>
    public DateTimeOffset? Deadline { get; init; }
}
