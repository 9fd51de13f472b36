
namespace KongUpgradeMesh.Contracts.Api;

/// <summary>An agent that the coordinator has heard of.</summary>
public sealed record AgentView
{
    /// <summary>What it does.</summary>
    public required AgentKind Kind { get; init; }

    /// <summary>Where it stands.</summary>
    public required string Datacenter { get; init; }

    /// <summary>Its name.</summary>
    public required string Agent { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>Whether it was heard of within the lease time.</summary>
    public required bool Alive { get; init; }

    /// <summary>When it was last heard of, by the coordinator's clock.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>How many steps it works on.</summary>
    public required int RunningSteps { get; init; }
}
