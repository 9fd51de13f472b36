using System.Globalization;
using System.Text.Json.Nodes;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes.Presets;

/// <summary>Kinds with lists of backends, each with a name and a weight.</summary>
internal sealed record WeightedBackends : KubernetesPreset
{
    /// <summary>Pointer to the list of rules; null when the object is one rule.</summary>
    public string? Rules { get; init; }

    /// <summary>Pointer from a rule (or the object) to its list of backends.</summary>
    public required string Backends { get; init; }

    /// <summary>Pointer from a backend to its name.</summary>
    public required string BackendName { get; init; }

    /// <summary>The weight of a backend without one.</summary>
    public required int DefaultWeight { get; init; }

    /// <summary>Whether a rule with no weight at all divides evenly; otherwise it serves nothing.</summary>
    public bool IsEvenWithoutWeights { get; init; }

    public override IReadOnlyList<SplitPlace> Places(JsonObject content, KubernetesOptions options) =>
        [.. Lists(content, options).Select(list => Place(content, list.Name, list.Pointer, options)).OfType<SplitPlace>()];

    public override int RulesWithoutX(JsonObject content, KubernetesOptions options) => Lists(content, options)
        .Select(list => JsonPointers.List(content, list.Pointer).Select(b => JsonPointers.Text(b, BackendName)).ToList())
        .Count(names => names.Contains(options.BackendY) && !names.Contains(options.BackendX));

    private IEnumerable<(string Name, string Pointer)> Lists(JsonObject content, KubernetesOptions options) => Rules is null
        ? [("the object", Backends)]
        : Enumerable.Range(0, JsonPointers.List(content, Rules).Count)
            .Where(index => options.Rules.Count == 0 || options.Rules.Contains(index))
            .Select(index => (string.Create(CultureInfo.InvariantCulture, $"rule {index}"), string.Create(CultureInfo.InvariantCulture, $"{Rules}/{index}{Backends}")));

    private SplitPlace? Place(JsonObject content, string name, string list, KubernetesOptions options)
    {
        var backends = JsonPointers.List(content, list).Select((node, index) => new Backend(
            JsonPointers.Text(node, BackendName), string.Create(CultureInfo.InvariantCulture, $"{list}/{index}"), JsonPointers.Find(node, "/weight"))).ToList();
        var (x, y) = (backends.Where(b => b.Name == options.BackendX).ToList(), backends.Where(b => b.Name == options.BackendY).ToList());
        if (x.Count != 1 || y.Count != 1)
        {
            return null;
        }

        return new SplitPlace
        {
            Name = name,
            // The strangers' names too: their traffic is taken only from whom it was meant.
            Identity = [.. backends.Where(static b => b.Name is not null).Select(b => new PointedValue(b.Pointer + BackendName, b.Name!))],
            Present = [.. backends.Where(static b => b.Weight is not null).Select(static b => new PointedValue(b.WeightPointer, b.Weight!))],
            ShareY = Share(backends, y[0]),
            Weights = weightY => [new(x[0].WeightPointer, 100 - weightY), new(y[0].WeightPointer, weightY)],
            Strangers = [.. backends.Where(b => b != x[0] && b != y[0]).Select(static b => new PointedValue(b.WeightPointer, 0))],
        };
    }

    private double? Share(List<Backend> backends, Backend y)
    {
        if (backends.Any(static b => b.Weight is not null && b.Value is not >= 0))
        {
            return null;
        }

        var sum = backends.Sum(b => (double)(b.Value ?? DefaultWeight));
        return sum > 0 ? (y.Value ?? DefaultWeight) / sum : IsEvenWithoutWeights ? 1.0 / backends.Count : null;
    }

    private sealed record Backend(string? Name, string Pointer, JsonNode? Weight)
    {
        public string WeightPointer => Pointer + "/weight";

        public long? Value => JsonPointers.Number(Weight, "");
    }
}
