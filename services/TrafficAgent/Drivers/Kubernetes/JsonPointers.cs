using System.Globalization;
using System.Text.Json.Nodes;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;

/// <summary>JSON pointers (RFC 6901) into an object.</summary>
internal static class JsonPointers
{
    /// <summary>One word of a pointer, with the characters masked that mean something in pointers.</summary>
    public static string Escape(string word) => word.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>What stands at <paramref name="pointer"/>; null when nothing does.</summary>
    public static JsonNode? Find(JsonNode? root, string pointer)
    {
        foreach (var word in pointer.Split('/').Skip(1))
        {
            root = root switch
            {
                JsonObject members => members[word.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)],
                JsonArray items => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < items.Count ? items[index] : null,
                _ => null,
            };
        }

        return root;
    }

    /// <summary>The items of the list at <paramref name="pointer"/>; none when there is no list.</summary>
    public static IReadOnlyList<JsonNode?> List(JsonNode? root, string pointer) => Find(root, pointer) is JsonArray items ? [.. items] : [];

    /// <summary>The text at <paramref name="pointer"/>; null when there is none.</summary>
    public static string? Text(JsonNode? root, string pointer) => Find(root, pointer) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The whole number at <paramref name="pointer"/>; null when there is none.</summary>
    public static long? Number(JsonNode? root, string pointer) => Find(root, pointer) is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;
}
