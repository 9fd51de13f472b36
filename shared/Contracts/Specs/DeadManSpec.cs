namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>The dead-man switch: while a split is on and the traffic agent hears of neither coordinator nor monitor agent, nobody would notice a sick cluster Y.</summary>
public sealed record DeadManSpec
{
    /// <summary>How long both must be silent. 5 seconds to 1 hour. Default 1 minute.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What is done then. Default <see cref="DeadManAction.Restore"/>.</summary>
    public DeadManAction Action { get; init; } = DeadManAction.Restore;
}
