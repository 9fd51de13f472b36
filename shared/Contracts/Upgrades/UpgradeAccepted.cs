namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>The upgrade was accepted and begins, or had been by an earlier identical request.</summary>
public sealed record UpgradeAccepted : IUpgradeEvent
{
    /// <summary>The requester's own id of the start command.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it happened, by the coordinator's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>The cluster that is upgraded.</summary>
    public required string Cluster { get; init; }

    /// <summary>True when an earlier request with this id had started it.</summary>
    public required bool IsRepeat { get; init; }
}
