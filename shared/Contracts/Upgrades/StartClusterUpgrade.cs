using System.Text.Json;
using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>Asks for an upgrade. Published by other systems or sent by the REST API; idempotent by <see cref="RequestId"/>.</summary>
public sealed record StartClusterUpgrade
{
    /// <summary>The requester's own id, 1 to 200 characters; a repeat starts nothing and is answered as the first was. Without one the command is refused.</summary>
    [JsonConverter(typeof(LenientTextConverter))]
    public string? RequestId { get; init; }

    /// <summary>Who asks, for the timeline; null reads as unknown.</summary>
    [JsonConverter(typeof(LenientTextConverter))]
    public string? RequestedBy { get; init; }

    /// <summary>The spec as JSON; read and validated by the coordinator so that all problems are answered at once.</summary>
    public JsonElement? Spec { get; init; }
}
