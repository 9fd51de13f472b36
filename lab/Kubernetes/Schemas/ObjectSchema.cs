using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKubernetes.Schemas;

/// <summary>As much of a structural OpenAPI schema as matters here: properties, items, default, type, minimum, maximum, unknown fields.</summary>
internal sealed class ObjectSchema(JsonObject schema)
{
    private static readonly string[] Envelope = ["apiVersion", "kind", "metadata"];

    /// <summary>Removes the fields that are not in the schema and returns their paths.</summary>
    public IReadOnlyList<string> Prune(JsonObject content)
    {
        var unknown = new List<string>();
        Prune(content, schema, "", unknown);
        return unknown;
    }

    /// <summary>Adds what is missing and has a default.</summary>
    public void Default(JsonObject content) => Default(content, schema);

    /// <summary>Finds the values that are not allowed.</summary>
    public IReadOnlyList<FieldProblem> Validate(JsonObject content)
    {
        var problems = new List<FieldProblem>();
        Validate(content, schema, "", problems);
        return problems;
    }

    private static void Prune(JsonNode? node, JsonObject schema, string path, List<string> unknown)
    {
        switch (node)
        {
            case JsonObject members when schema["properties"] is JsonObject properties:
                foreach (var name in members.Select(static m => m.Key).ToList())
                {
                    var field = path.Length == 0 ? name : $"{path}.{name}";
                    if (properties[name] is JsonObject property)
                    {
                        Prune(members[name], property, field, unknown);
                    }
                    else if ((bool?)schema["x-kubernetes-preserve-unknown-fields"] != true && !(path.Length == 0 && Envelope.Contains(name)))
                    {
                        members.Remove(name);
                        unknown.Add(field);
                    }
                }

                break;
            case JsonArray items when schema["items"] is JsonObject item:
                for (var i = 0; i < items.Count; i++)
                {
                    Prune(items[i], item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), unknown);
                }

                break;
        }
    }

    private static void Default(JsonNode? node, JsonObject schema)
    {
        switch (node)
        {
            case JsonObject members when schema["properties"] is JsonObject properties:
                foreach (var (name, property) in properties)
                {
                    if (!members.ContainsKey(name) && property!["default"] is { } value)
                    {
                        members[name] = value.DeepClone();
                    }

                    Default(members[name], property!.AsObject());
                }

                break;
            case JsonArray items when schema["items"] is JsonObject item:
                foreach (var entry in items)
                {
                    Default(entry, item);
                }

                break;
        }
    }

    private static void Validate(JsonNode? node, JsonObject schema, string path, List<FieldProblem> problems)
    {
        if (node is not null && (string?)schema["type"] is { } type && TypeOf(node, type) is var actual && actual != type)
        {
            problems.Add(new FieldProblem(path, $"Invalid value: \"{actual}\": {path} in body must be of type {type}: \"{actual}\"", "FieldValueTypeInvalid"));
            return;
        }

        switch (node)
        {
            case JsonObject members:
                foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
                {
                    Validate(members[name], property!.AsObject(), path.Length == 0 ? name : $"{path}.{name}", problems);
                }

                foreach (var (name, member) in schema["additionalProperties"] is JsonObject ? members : [])
                {
                    Validate(member, schema["additionalProperties"]!.AsObject(), $"{path}.{name}", problems);
                }

                break;
            case JsonArray items when schema["items"] is JsonObject item:
                for (var i = 0; i < items.Count; i++)
                {
                    Validate(items[i], item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), problems);
                }

                break;
            case JsonValue value when (string?)schema["type"] == "integer":
                ValidateRange(value.GetValue<long>(), schema, path, problems);
                break;
        }
    }

    private static void ValidateRange(long value, JsonObject schema, string path, List<FieldProblem> problems)
    {
        if ((long?)schema["minimum"] is { } least && value < least)
        {
            problems.Add(new FieldProblem(path, $"Invalid value: {value}: {path} in body should be greater than or equal to {least}"));
        }

        if ((long?)schema["maximum"] is { } most && value > most)
        {
            problems.Add(new FieldProblem(path, $"Invalid value: {value}: {path} in body should be less than or equal to {most}"));
        }
    }

    private static string TypeOf(JsonNode node, string wanted) => node.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => wanted == "integer" && node is JsonValue value && value.TryGetValue<long>(out _) ? "integer" : "number",
        _ => "boolean",
    };
}
