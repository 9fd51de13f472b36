using System.Text.Json;

namespace KongUpgradeMesh.DeployAgent.Entities;

/// <summary>A row of <c>plugins</c>.</summary>
internal sealed record PluginEntity
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public Guid? ServiceId { get; init; }

    public Guid? RouteId { get; init; }

    public Guid? ConsumerId { get; init; }

    public Guid? ConsumerGroupId { get; init; }

    public bool Enabled { get; init; } = true;

    public JsonElement Config { get; init; }

    public JsonElement? Ordering { get; init; }

    public bool IsGlobal => ServiceId is null && RouteId is null && ConsumerId is null && ConsumerGroupId is null;

    /// <summary>The value at a dotted path of the configuration; null when it is absent or null.</summary>
    public JsonElement? At(string path)
    {
        var current = Config;
        foreach (var name in path.Split('.'))
        {
            if (current.ValueKind != JsonValueKind.Object || !current.TryGetProperty(name, out current))
            {
                return null;
            }
        }

        return current.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : current;
    }

    public bool Has(string path) => At(path) is not null;

    public string? Text(string path) => At(path) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public decimal? Number(string path) => At(path) is { ValueKind: JsonValueKind.Number } value && value.TryGetDecimal(out var number) ? number : null;

    public bool IsFalse(string path) => At(path) is { ValueKind: JsonValueKind.False };

    public bool IsTrue(string path) => At(path) is { ValueKind: JsonValueKind.True };

    public IReadOnlyList<string> Texts(string path) => At(path) is { ValueKind: JsonValueKind.Array } array
        ? [.. array.EnumerateArray().Where(static e => e.ValueKind == JsonValueKind.String).Select(static e => e.GetString()!)]
        : [];

    /// <summary>Whether an array or object at the path has anything in it.</summary>
    public bool HasElements(string path) => At(path) is { } value && value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        _ => true,
    };
}
