using System.Text.Json;
using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Kong.Admin;

/// <summary>A plugin instance.</summary>
public sealed record KongPlugin
{
    /// <summary>Its id.</summary>
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    /// <summary>Name of the plugin, for example <c>prometheus</c>.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Whether it is active. Default true.</summary>
    [JsonPropertyName("enabled")]
    public bool Enabled { get; init; } = true;

    /// <summary>Its configuration; may hold secrets: never log it.</summary>
    [JsonPropertyName("config")]
    public JsonElement Config { get; init; }
}
