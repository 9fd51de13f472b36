using System.Text.Json.Nodes;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;

/// <summary>A value at a place of an object.</summary>
/// <param name="Pointer">JSON pointer of the place.</param>
/// <param name="Value">What stands there, or shall.</param>
internal sealed record PointedValue(string Pointer, JsonNode Value)
{
    /// <summary>As an operation of a JSON Patch (RFC 6902): <c>test</c>, or <c>add</c>, which replaces a member that is there.</summary>
    public JsonNode Operation(string name) => new JsonObject { ["op"] = name, ["path"] = Pointer, ["value"] = Value.DeepClone() };
}
