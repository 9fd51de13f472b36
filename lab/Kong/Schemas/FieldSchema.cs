using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKong.Schemas;

/// <summary>One field of an entity or of a record inside it, described as Kong describes it at <c>/schemas</c>.</summary>
internal sealed class FieldSchema
{
    public FieldSchema(string name, JsonObject definition)
    {
        Name = name;
        Definition = definition;
        Type = (string?)definition["type"] ?? "any";
        Fields = ReadFields(definition["fields"]);
        Elements = definition["elements"] is JsonObject elements ? new FieldSchema(name, elements) : null;
        Values = definition["values"] is JsonObject values ? new FieldSchema(name, values) : null;
    }

    public string Name { get; }

    public JsonObject Definition { get; }

    public string Type { get; }

    /// <summary>Fields of a record; empty for everything else.</summary>
    public IReadOnlyList<FieldSchema> Fields { get; }

    public FieldSchema? Elements { get; }

    public FieldSchema? Values { get; }

    public string? Reference => (string?)Definition["reference"];

    public bool IsForeign => Type == "foreign";

    public bool IsList => Type is "array" or "set";

    public bool IsTimestamp => Is("timestamp");

    public bool IsTtl => Is("ttl");

    public bool IsUuid => Is("uuid");

    public bool IsAuto => Is("auto");

    public bool IsRequired => Is("required");

    /// <summary>A record whose fields are not described, or not all of them: anything is taken.</summary>
    public bool IsOpen => Is("open") || Is("abstract");

    /// <summary>Name of the column: foreign keys end in <c>_id</c>.</summary>
    public string Column => IsForeign ? Name + "_id" : Name;

    public JsonNode? DefaultValue()
    {
        if (Definition["default"] is { } value)
        {
            return Type == "record" && !IsOpen && value is JsonObject partial ? Complete((JsonObject)partial.DeepClone()) : value.DeepClone();
        }

        // A record that is required, or has defaults inside, appears complete even when nobody set it.
        return Type == "record" && !IsOpen && (IsRequired || Fields.Any(f => f.DefaultValue() is not null)) ? Complete(new JsonObject()) : null;
    }

    /// <summary>Adds what is missing: defaults, else null.</summary>
    public JsonObject Complete(JsonObject record)
    {
        foreach (var field in Fields)
        {
            if (!record.ContainsKey(field.Name))
            {
                record[field.Name] = field.DefaultValue();
            }
            else if (field.Type == "record" && record[field.Name] is JsonObject inner)
            {
                field.Complete(inner);
            }
        }

        return record;
    }

    public static IReadOnlyList<FieldSchema> ReadFields(JsonNode? fields) =>
        fields is JsonArray array
            ? [.. array.OfType<JsonObject>().SelectMany(o => o.Select(f => new FieldSchema(f.Key, (JsonObject)f.Value!)))]
            : [];

    private bool Is(string key) => Definition[key] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;
}
