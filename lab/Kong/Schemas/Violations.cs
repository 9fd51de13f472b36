using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKong.Schemas;

/// <summary>What is wrong with an entity, in the shape of the <c>fields</c> of an answer 400.</summary>
internal sealed class Violations
{
    public JsonObject Fields { get; } = [];

    public bool Any => Fields.Count > 0;

    public void Add(string field, JsonNode error) => Fields[field] = error;

    public void AddEntity(string error)
    {
        if (Fields["@entity"] is not JsonArray list)
        {
            Fields["@entity"] = list = [];
        }

        list.Add((JsonNode)error);
    }

    /// <summary>"schema violation (…)" or "3 schema violations (…; …; …)", ordered by field.</summary>
    public string Message()
    {
        var parts = new List<string>();
        Flatten("", Fields, parts);
        return parts.Count == 1 ? $"schema violation ({parts[0]})" : $"{parts.Count} schema violations ({string.Join("; ", parts)})";
    }

    private static void Flatten(string path, JsonNode? node, List<string> parts)
    {
        switch (node)
        {
            case JsonObject record:
                foreach (var (key, value) in record.OrderBy(f => f.Key, StringComparer.Ordinal))
                {
                    Flatten(key == "@entity" ? "" : path.Length == 0 ? key : $"{path}.{key}", value, parts);
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is not null)
                    {
                        Flatten(path.Length == 0 ? "" : $"{path}.{i + 1}", list[i], parts);
                    }
                }

                break;
            case not null:
                parts.Add(path.Length == 0 ? node.ToString() : $"{path}: {node}");
                break;
        }
    }
}
