namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>The upgrade has entered a phase.</summary>
public sealed record UpgradePhaseEntered : IUpgradeEvent
{
    /// <summary>The requester's own id of the start command.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it happened, by the coordinator's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>The cluster that is upgraded.</summary>
    public required string Cluster { get; init; }

    /// <summary>Name of the phase, as in the timeline.</summary>
    public required string Phase { get; init; }

    /// <summary>The epoch it is entered in.</summary>
    public required int Epoch { get; init; }
}
