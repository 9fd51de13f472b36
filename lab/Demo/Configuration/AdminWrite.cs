using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.Demo.Configuration;

/// <summary>One request that creates something through Kong's Admin API.</summary>
/// <param name="Path">Collection to post to, without a leading slash.</param>
/// <param name="Body">The entity.</param>
public sealed record AdminWrite(string Path, JsonObject Body);
