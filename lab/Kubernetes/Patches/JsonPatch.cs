using System.Globalization;
using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKubernetes.Patches;

/// <summary>JSON Patch (RFC 6902). Whatever cannot be done is one and the same error, as in the real server.</summary>
internal static class JsonPatch
{
    public static JsonNode Apply(JsonNode root, JsonArray operations)
    {
        root = root.DeepClone();
        foreach (var operation in operations)
        {
            root = Apply(root, operation as JsonObject ?? throw ApiErrorException.BadRequest("a JSON Patch is a list of operations"));
        }

        return root;
    }

    private static JsonNode Apply(JsonNode root, JsonObject operation)
    {
        var path = Words(operation, "path");
        switch ((string?)operation["op"])
        {
            case "test":
                return Exists(root, path, out var present) && JsonNode.DeepEquals(present, operation["value"]) ? root : throw ApiErrorException.PatchFailed();
            case "add":
                return Add(root, path, operation["value"]?.DeepClone());
            case "replace":
                return Add(path.Length == 0 ? root : Remove(root, path, out _), path, operation["value"]?.DeepClone());
            case "remove":
                return Remove(root, path, out _);
            case "move":
                root = Remove(root, Words(operation, "from"), out var moved);
                return Add(root, path, moved);
            case "copy":
                return Exists(root, Words(operation, "from"), out var copied) ? Add(root, path, copied?.DeepClone()) : throw ApiErrorException.PatchFailed();
            default:
                throw ApiErrorException.PatchFailed();
        }
    }

    private static JsonNode Add(JsonNode root, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value ?? throw ApiErrorException.PatchFailed();
        }

        switch (Parent(root, path))
        {
            case JsonObject members:
                members[path[^1]] = value;
                return root;
            case JsonArray items:
                items.Insert(path[^1] == "-" ? items.Count : Index(path[^1], items.Count), value);
                return root;
            default:
                throw ApiErrorException.PatchFailed();
        }
    }

    private static JsonNode Remove(JsonNode root, string[] path, out JsonNode? removed)
    {
        if (path.Length == 0 || !Exists(root, path, out removed))
        {
            throw ApiErrorException.PatchFailed();
        }

        switch (Parent(root, path))
        {
            case JsonObject members:
                members.Remove(path[^1]);
                break;
            case JsonArray items:
                items.RemoveAt(Index(path[^1], items.Count - 1));
                break;
        }

        return root;
    }

    private static JsonNode? Parent(JsonNode root, string[] path) => Exists(root, path[..^1], out var parent) ? parent : throw ApiErrorException.PatchFailed();

    private static bool Exists(JsonNode? root, string[] path, out JsonNode? found)
    {
        found = root;
        foreach (var word in path)
        {
            switch (found)
            {
                case JsonObject members when members.TryGetPropertyValue(word, out var member):
                    found = member;
                    break;
                case JsonArray items when int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < items.Count:
                    found = items[index];
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static int Index(string word, int most) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= most ? index : throw ApiErrorException.PatchFailed();

    private static string[] Words(JsonObject operation, string key)
    {
        var pointer = (string?)operation[key] ?? throw ApiErrorException.PatchFailed();
        return pointer.Length == 0
            ? []
            : [.. pointer.Split('/').Skip(1).Select(static w => w.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }
}
