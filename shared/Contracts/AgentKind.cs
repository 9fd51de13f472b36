using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts;

/// <summary>What an agent does; together with the datacenter it names the agent's queue.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AgentKind>))]
public enum AgentKind
{
    /// <summary>Freezes, fingerprints and backs up configuration.</summary>
    Backup,

    /// <summary>Checks, assesses, restores, migrates, starts, stages and decommissions clusters.</summary>
    Deploy,

    /// <summary>Drives the load balancer.</summary>
    Traffic,

    /// <summary>Watches both clusters and judges Y.</summary>
    Monitor,
}
