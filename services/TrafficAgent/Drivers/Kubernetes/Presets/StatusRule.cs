using System.Text.Json.Nodes;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes.Presets;

/// <summary>Conditions by which a controller tells that it follows the newest generation of an object.</summary>
internal sealed record StatusRule
{
    /// <summary>Conditions that must be True before Y gets traffic.</summary>
    public required IReadOnlyList<string> Conditions { get; init; }

    /// <summary>Conditions that must be True when all traffic is on X. Fewer, since a reference to a Y that is gone harms nobody then and must not stop a rollback.</summary>
    public required IReadOnlyList<string> ConditionsOnX { get; init; }

    /// <summary>Whether each parent of the object (a Gateway) has conditions of its own; otherwise the object has.</summary>
    public required bool PerParent { get; init; }

    /// <summary>What is missing until the controller follows; null when it does.</summary>
    /// <param name="content">The object.</param>
    /// <param name="allOnX">Whether the object gives Y nothing.</param>
    public string? Missing(JsonObject content, bool allOnX)
    {
        var generation = JsonPointers.Number(content, "/metadata/generation") ?? 0;
        var wanted = allOnX ? ConditionsOnX : Conditions;
        if (!PerParent)
        {
            return Missing(JsonPointers.List(content, "/status/conditions"), wanted, generation, "its controller");
        }

        var answers = JsonPointers.List(content, "/status/parents");
        foreach (var parent in JsonPointers.List(content, "/spec/parentRefs"))
        {
            var name = $"the controller of {JsonPointers.Text(parent, "/name")}";
            var own = answers.Where(a => IsSame(parent, JsonPointers.Find(a, "/parentRef"))).ToList();
            if (own.Count == 0)
            {
                return $"{name} has not answered";
            }

            if (own.Select(a => Missing(JsonPointers.List(a, "/conditions"), wanted, generation, name)).FirstOrDefault(static m => m is not null) is { } missing)
            {
                return missing;
            }
        }

        return answers.Count == 0 ? "no Gateway serves it" : null;
    }

    private static string? Missing(IReadOnlyList<JsonNode?> conditions, IReadOnlyList<string> wanted, long generation, string who)
    {
        foreach (var type in wanted)
        {
            var condition = conditions.FirstOrDefault(c => JsonPointers.Text(c, "/type") == type);
            var observed = JsonPointers.Number(condition, "/observedGeneration") ?? 0;
            if (condition is null || observed != generation)
            {
                return $"{who} has not seen generation {generation} (condition {type} is of generation {observed})";
            }

            if (JsonPointers.Text(condition, "/status") != "True")
            {
                return $"{who} says {type}={JsonPointers.Text(condition, "/status")}, {JsonPointers.Text(condition, "/reason")}: {JsonPointers.Text(condition, "/message")}";
            }
        }

        return null;
    }

    private static bool IsSame(JsonNode? asked, JsonNode? answered) => new[] { "/name", "/sectionName", "/port" }
        .All(p => JsonNode.DeepEquals(JsonPointers.Find(asked, p), JsonPointers.Find(answered, p)));
}
