namespace KongUpgradeMesh.Contracts.Steps;

/// <summary>Published by every coordinator every two seconds while it can decide: it runs and its database answers. Traffic agents count its absence.</summary>
public sealed record CoordinatorBeat
{
    /// <summary>This process; another one after a restart.</summary>
    public required Guid InstanceId { get; init; }

    /// <summary>The coordinator's product version.</summary>
    public required string Version { get; init; }

    /// <summary>When, by the coordinator's clock; informational only.</summary>
    public required DateTimeOffset SentAt { get; init; }
}
