using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary>One configured plugin: where it applies, and its settings.</summary>
internal sealed class PluginInstance(JsonObject entity)
{
    private object? _parsed;

    public Guid Id { get; } = Guid.Parse((string)entity["id"]!);

    public string Name { get; } = (string)entity["name"]!;

    public Guid? RouteId { get; } = Reference(entity, "route");

    public Guid? ServiceId { get; } = Reference(entity, "service");

    public Guid? ConsumerId { get; } = Reference(entity, "consumer");

    public JsonObject Config { get; } = entity["config"] as JsonObject ?? [];

    /// <summary>The settings in the plugin's own type, parsed at first use.</summary>
    public T Settings<T>(Func<JsonObject, T> parse)
        where T : class => (T)(_parsed ??= parse(Config));

    private static Guid? Reference(JsonObject entity, string field) => entity[field]?["id"] is { } id ? Guid.Parse((string)id!) : null;
}
