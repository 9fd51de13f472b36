using System.Text.Json;
using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.Tests.Admin;

/// <summary>Compares two JSON documents by their keys and kinds of values, not by the values.</summary>
public static class JsonShape
{
    /// <summary>What of <paramref name="expected"/> is missing or of another kind in <paramref name="actual"/>, and what is there in addition.</summary>
    public static IEnumerable<string> Differences(JsonNode? expected, JsonNode? actual, string path = "$")
    {
        var (wanted, found) = (Kind(expected), Kind(actual));

        // What was null in the recording may be set here and the reverse: the field is there, that counts.
        if (wanted == "null" || found == "null")
        {
            yield break;
        }

        if (wanted != found)
        {
            yield return $"{path}: {wanted} expected, {found} found";
            yield break;
        }

        switch (expected)
        {
            case JsonObject record:
                var other = (JsonObject)actual!;
                foreach (var key in record.Select(f => f.Key).Except(other.Select(f => f.Key)))
                {
                    yield return $"{path}.{key}: missing";
                }

                foreach (var key in other.Select(f => f.Key).Except(record.Select(f => f.Key)))
                {
                    yield return $"{path}.{key}: not in the recording";
                }

                foreach (var difference in record.Where(f => other.ContainsKey(f.Key)).SelectMany(f => Differences(f.Value, other[f.Key], $"{path}.{f.Key}")))
                {
                    yield return difference;
                }

                break;
            case JsonArray { Count: > 0 } list when actual is JsonArray { Count: > 0 } items:
                foreach (var difference in Differences(list[0], items[0], path + "[0]"))
                {
                    yield return difference;
                }

                break;
        }
    }

    private static string Kind(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => "number",
        JsonValueKind.String => "string",
        JsonValueKind.Array => "array",
        _ => "object",
    };
}
