namespace KongUpgradeMesh.Contracts.Steps;

/// <summary>Sent by every agent every few seconds: it is alive and works on these steps.</summary>
public sealed record AgentBeat
{
    /// <summary>What the agent does.</summary>
    public required AgentKind Kind { get; init; }

    /// <summary>Where it stands.</summary>
    public required string Datacenter { get; init; }

    /// <summary>Its name, stable over restarts.</summary>
    public required string Agent { get; init; }

    /// <summary>This process; another one after a restart.</summary>
    public required Guid InstanceId { get; init; }

    /// <summary>The agent's product version.</summary>
    public required string Version { get; init; }

    /// <summary>When, by the agent's clock; informational only.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>Steps it is working on.</summary>
    public required IReadOnlyList<StepRef> Running { get; init; }
}
