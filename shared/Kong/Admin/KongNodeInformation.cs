using System.Text.Json;
using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Kong.Admin;

/// <summary>What a node says of itself.</summary>
public sealed record KongNodeInformation
{
    /// <summary>Kong's version, for example <c>2.8.5</c>.</summary>
    [JsonPropertyName("version")]
    public required string Version { get; init; }

    /// <summary>Id of the node, new with each prefix directory; null where the node does not tell.</summary>
    [JsonPropertyName("node_id")]
    public string? NodeId { get; init; }

    /// <summary>The effective configuration by name, defaults included and secrets masked.</summary>
    [JsonPropertyName("configuration")]
    public IReadOnlyDictionary<string, JsonElement> Configuration { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The plugins the node knows and those that the cluster uses.</summary>
    [JsonPropertyName("plugins")]
    public KongPluginInventory Plugins { get; init; } = new();

    /// <summary>One effective setting as text, or null when it is not there or is a structure.</summary>
    /// <param name="key">Name as in kong.conf.</param>
    public string? Setting(string key) => Configuration.TryGetValue(key, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => null,
        }
        : null;
}
