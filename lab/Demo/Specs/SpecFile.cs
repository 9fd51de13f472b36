using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KongUpgradeMesh.Contracts.Specs;
using YamlDotNet.Serialization;

namespace KongUpgradeMesh.Lab.Demo.Specs;

/// <summary>A spec as a file for people and as JSON for the REST API.</summary>
public static class SpecFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = { new ShortDurationConverter() } };

    /// <summary>The spec as the REST API takes it; what is only a default is left out.</summary>
    public static JsonElement ToJson(UpgradeSpec spec) => JsonSerializer.SerializeToElement(Chosen(spec), Json);

    /// <summary>The same as YAML.</summary>
    public static string ToYaml(UpgradeSpec spec) => new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .DisableAliases()
        .Build()
        .Serialize(Plain(Chosen(spec))!);

    /// <summary>Writes the YAML.</summary>
    public static Task WriteAsync(string path, UpgradeSpec spec, CancellationToken cancellationToken) => File.WriteAllTextAsync(path, ToYaml(spec), cancellationToken);

    // A person who reads it should see what was chosen, not everything that could have been.
    private static JsonObject Chosen(UpgradeSpec spec)
    {
        var json = JsonSerializer.SerializeToNode(spec, Json)!.AsObject();
        Prune(json, "monitor", new MonitorSpec());
        Prune(json, "staging", new StagingSpec());
        Prune(json, "freeze", new FreezeSpec());
        foreach (var (name, _) in json.Where(static p => p.Value is JsonArray { Count: 0 } or JsonObject { Count: 0 }).ToList())
        {
            json.Remove(name);
        }

        return json;
    }

    private static void Prune(JsonObject spec, string section, object defaults)
    {
        var chosen = spec[section]!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(defaults, Json)!.AsObject())
        {
            if (JsonNode.DeepEquals(chosen[name], value))
            {
                chosen.Remove(name);
            }
        }
    }

    private static object? Plain(JsonNode? node) => node switch
    {
        JsonObject map => map.Where(static p => p.Value is not null).ToDictionary(static p => p.Key, static p => Plain(p.Value)),
        JsonArray list => list.Select(Plain).ToList(),
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        JsonValue value when value.TryGetValue<long>(out var whole) => whole,
        JsonValue value => value.GetValue<double>(),
        _ => null,
    };
}
