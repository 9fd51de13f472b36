namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>The upgrade was not started; nothing was changed.</summary>
public sealed record UpgradeRefused : IUpgradeEvent
{
    /// <summary>The requester's own id of the start command.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it happened, by the coordinator's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required Failure Failure { get; init; }

    /// <summary>Every problem of the spec or message, with its path. Empty when the reason is another.</summary>
    public IReadOnlyList<SpecProblem> Problems { get; init; } = [];

    /// <summary>The upgrade that already runs for this cluster; null otherwise.</summary>
    public Guid? RunningUpgradeId { get; init; }
}
