namespace KongUpgradeMesh.Contracts.Steps;

/// <summary>Broadcast by the coordinator: everything older of this lane is to be abandoned, wherever it runs.</summary>
public sealed record StepsRevoked
{
    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>The lane that has moved on.</summary>
    public required string Lane { get; init; }

    /// <summary>Steps of a lower epoch are revoked in every lane.</summary>
    public required int Epoch { get; init; }

    /// <summary>In the same epoch, steps of this lane with a lower sequence are revoked.</summary>
    public required int Sequence { get; init; }

    /// <summary>With the same epoch and sequence, lower attempts are revoked.</summary>
    public required int Attempt { get; init; }
}
