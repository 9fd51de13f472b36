using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Kong.Admin;

/// <summary>State of a node. Kong answers 200 also when its database is away, so the status code says nothing.</summary>
public sealed record KongNodeStatus
{
    /// <summary>State of the database; null in modes that have none.</summary>
    [JsonPropertyName("database")]
    public DatabaseState? Database { get; init; }

    /// <summary>State of the node's database.</summary>
    /// <param name="Reachable">Whether the node could open a connection just now.</param>
    public sealed record DatabaseState([property: JsonPropertyName("reachable")] bool Reachable);
}
