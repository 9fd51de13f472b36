using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKubernetes.Fields;

/// <summary>Paths of fields. Lists count as one field, as custom resources without list types have it.</summary>
internal static class FieldSet
{
    private const char Separator = '\u001f';

    // Marks that the object itself is meant, beside its members.
    private const string Self = ".";
    private static readonly string[] Untracked = ["apiVersion", "kind", "metadata"];
    private static readonly string[] TrackedMetadata = ["annotations", "labels", "finalizers", "ownerReferences"];

    /// <summary>The fields that a manifest sets: its leaves.</summary>
    public static SortedSet<string> Of(JsonObject manifest)
    {
        var fields = new SortedSet<string>(StringComparer.Ordinal);
        Leaves(Tracked(manifest), "", fields);
        return fields;
    }

    /// <summary>The fields that differ.</summary>
    public static (SortedSet<string> Changed, SortedSet<string> Removed) Compare(JsonObject? before, JsonObject after)
    {
        var (changed, removed) = (new SortedSet<string>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        Compare(before is null ? [] : Tracked(before), Tracked(after), "", changed, removed);
        changed.Remove($"metadata{Separator}{Self}");
        return (changed, removed);
    }

    /// <summary>Reads <c>fieldsV1</c>.</summary>
    public static SortedSet<string> Read(JsonObject written)
    {
        var fields = new SortedSet<string>(StringComparer.Ordinal);
        Read(written, "", fields);
        return fields;
    }

    /// <summary>Writes <c>fieldsV1</c>.</summary>
    public static JsonObject Write(IEnumerable<string> fields)
    {
        var root = new JsonObject();
        foreach (var field in fields)
        {
            var node = root;
            foreach (var word in field.Split(Separator))
            {
                var key = word == Self ? Self : "f:" + word;
                node[key] ??= new JsonObject();
                node = node[key]!.AsObject();
            }
        }

        return root;
    }

    /// <summary>The value of a field; null when it is not there.</summary>
    public static JsonNode? Value(JsonNode? root, string field) =>
        field.Split(Separator).Where(static w => w != Self).Aggregate(root, static (node, word) => (node as JsonObject)?[word]);

    /// <summary>Sets or (with null) removes the value of a field.</summary>
    public static void Put(JsonObject root, string field, JsonNode? value)
    {
        var words = field.Split(Separator);
        var node = root;
        foreach (var word in words[..^1])
        {
            node[word] ??= new JsonObject();
            node = node[word] as JsonObject ?? throw ApiErrorException.BadRequest($"{word} is no object");
        }

        if (value is null)
        {
            node.Remove(words[^1]);
        }
        else
        {
            node[words[^1]] = value.DeepClone();
        }
    }

    /// <summary>As messages name a field: <c>.spec.rules</c>.</summary>
    public static string Display(string field) => "." + field.Replace(Separator, '.');

    private static JsonObject Tracked(JsonObject content)
    {
        var tracked = Only(content, static name => !Untracked.Contains(name));
        tracked["metadata"] = Only(content["metadata"] as JsonObject ?? [], TrackedMetadata.Contains);
        return tracked;
    }

    private static JsonObject Only(JsonObject members, Func<string, bool> chosen) =>
        new(members.Where(m => chosen(m.Key)).Select(static m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));

    private static void Leaves(JsonNode? node, string path, SortedSet<string> fields)
    {
        if (node is JsonObject members && (members.Count > 0 || path is "metadata" or ""))
        {
            foreach (var (name, member) in members)
            {
                Leaves(member, Join(path, name), fields);
            }
        }
        else
        {
            fields.Add(path);
        }
    }

    private static void Compare(JsonObject before, JsonObject after, string path, SortedSet<string> changed, SortedSet<string> removed)
    {
        foreach (var (name, value) in after)
        {
            var field = Join(path, name);
            if (value is JsonObject members)
            {
                if (before[name] is not JsonObject)
                {
                    changed.Add(members.Count > 0 || field == "metadata" ? Join(field, Self) : field);
                }

                Compare(before[name] as JsonObject ?? [], members, field, changed, removed);
            }
            else if (!JsonNode.DeepEquals(before[name], value))
            {
                changed.Add(field);
            }
        }

        foreach (var (name, value) in before.Where(m => !after.ContainsKey(m.Key)))
        {
            Leaves(value, Join(path, name), removed);
            removed.Add(Join(Join(path, name), Self));
        }
    }

    private static void Read(JsonObject written, string path, SortedSet<string> fields)
    {
        foreach (var (key, value) in written)
        {
            var field = Join(path, key == Self ? Self : key[2..]);
            if (value is JsonObject { Count: > 0 } members)
            {
                Read(members, field, fields);
            }
            else
            {
                fields.Add(field);
            }
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : path + Separator + name;
}
