using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKong.Schemas;

/// <summary>One plugin that the node has: its configuration, and how <c>GET /</c> lists it.</summary>
internal sealed class PluginSchema
{
    public PluginSchema(string name, JsonObject definition)
    {
        Name = name;
        Order = (int?)definition["order"] ?? 0;
        ServerEntry = definition["server"];
        definition.Remove("order");
        definition.Remove("server");
        Definition = definition;
        var fields = FieldSchema.ReadFields(definition["fields"]);
        Config = fields.First(f => f.Name == "config");
        Protocols = fields.FirstOrDefault(f => f.Name == "protocols")?.DefaultValue();
    }

    public string Name { get; }

    public int Order { get; }

    /// <summary><c>true</c> in 2.x, version and priority in 3.x.</summary>
    public JsonNode? ServerEntry { get; }

    public JsonObject Definition { get; }

    public FieldSchema Config { get; }

    public JsonNode? Protocols { get; }

    /// <summary>
    /// A configuration as the node sees it: what the release does not know is left out, what is missing gets its default.
    /// That is how a row that an older release wrote gets new switches, all off.
    /// </summary>
    public JsonObject Effective(JsonObject stored)
    {
        var config = (JsonObject)stored.DeepClone();
        if (!Config.IsOpen)
        {
            foreach (var unknown in config.Select(c => c.Key).Where(k => Config.Fields.All(f => f.Name != k)).ToList())
            {
                config.Remove(unknown);
            }
        }

        foreach (var field in Config.Fields)
        {
            // Kong's JSON library writes an empty array as "{}".
            if (field.IsList && config[field.Name] is JsonObject { Count: 0 })
            {
                config[field.Name] = new JsonArray();
            }
        }

        return Config.Complete(config);
    }
}
