using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKubernetes.Patches;

/// <summary>JSON Merge Patch (RFC 7386): objects are merged, null removes, everything else replaces as a whole.</summary>
internal static class MergePatch
{
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var merged = target is JsonObject members ? members.DeepClone().AsObject() : [];
        foreach (var (key, value) in changes)
        {
            if (value is null)
            {
                merged.Remove(key);
            }
            else
            {
                merged[key] = Apply(merged[key], value);
            }
        }

        return merged;
    }

    /// <summary>As strategic merge patches where they say the same; lists are merged by keys of each type there, which this stand-in does not know.</summary>
    public static JsonNode? ApplyStrategic(JsonNode? target, JsonNode? patch) =>
        HasList(patch) ? throw ApiErrorException.BadRequest("the stand-in merges no lists strategically: send a JSON Patch") : Apply(target, patch);

    private static bool HasList(JsonNode? node) => node is JsonArray || (node is JsonObject members && members.Any(static m => HasList(m.Value)));
}
