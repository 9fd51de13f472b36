namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Answer to an operator's command.</summary>
public sealed record OperatorCommandAnswered
{
    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Whether it is carried out.</summary>
    public required bool Accepted { get; init; }

    /// <summary>The state of the upgrade when it was answered.</summary>
    public required string State { get; init; }

    /// <summary>Why not; null when accepted.</summary>
    public Failure? Failure { get; init; }
}
