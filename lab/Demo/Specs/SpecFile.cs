using System.Text.Json;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Contracts.Specs;
using YamlDotNet.Serialization;

namespace KongUpgradeMesh.Lab.Demo.Specs;

/// <summary>A spec as a file for people and as JSON for the REST API.</summary>
public static class SpecFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The spec as the REST API takes it.</summary>
    public static JsonElement ToJson(UpgradeSpec spec) => JsonSerializer.SerializeToElement(spec, Json);

    /// <summary>The spec as YAML; what is null is left out.</summary>
    public static string ToYaml(UpgradeSpec spec) => new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .DisableAliases()
        .Build()
        .Serialize(Plain(JsonSerializer.SerializeToNode(spec, Json)) ?? throw new InvalidOperationException("a spec is an object"));

    /// <summary>Writes the YAML.</summary>
    public static Task WriteAsync(string path, UpgradeSpec spec, CancellationToken cancellationToken) => File.WriteAllTextAsync(path, ToYaml(spec), cancellationToken);

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
