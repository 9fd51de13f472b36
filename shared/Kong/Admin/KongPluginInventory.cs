using System.Text.Json;
using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Kong.Admin;

/// <summary>The plugins of a node.</summary>
public sealed record KongPluginInventory
{
    /// <summary>Installed plugins by name; the value is <c>true</c> in 2.x and an object with version and priority in 3.x.</summary>
    [JsonPropertyName("available_on_server")]
    public IReadOnlyDictionary<string, JsonElement> AvailableOnServer { get; init; } = new Dictionary<string, JsonElement>();
}
