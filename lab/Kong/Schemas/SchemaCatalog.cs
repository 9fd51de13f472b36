using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKong.Schemas;

/// <summary>All entities and plugins that a release knows.</summary>
internal sealed class SchemaCatalog
{
    private readonly Dictionary<string, EntitySchema> _entities;
    private readonly Dictionary<string, PluginSchema> _plugins;

    public SchemaCatalog(Flavour flavour)
    {
        _entities = Read($"schemas/entities-{flavour.Version}.json").ToDictionary(e => e.Key, e => new EntitySchema(e.Key, (JsonObject)e.Value!));
        _plugins = Read($"schemas/plugins-{flavour.Version}.json").ToDictionary(e => e.Key, e => new PluginSchema(e.Key, (JsonObject)e.Value!));
    }

    public IEnumerable<EntitySchema> Entities => _entities.Values;

    public IEnumerable<PluginSchema> Plugins => _plugins.Values.OrderBy(p => p.Order);

    public EntitySchema? Find(string table) => _entities.GetValueOrDefault(table);

    public EntitySchema Entity(string table) => _entities[table];

    public PluginSchema? Plugin(string name) => _plugins.GetValueOrDefault(name);

    private static JsonObject Read(string resource)
    {
        using var stream = Resources.Open(resource);
        return (JsonObject)JsonNode.Parse(stream)!;
    }
}
