using System.Text.Json;

namespace KongUpgradeMesh.DeployAgent.Entities;

/// <summary>A row of <c>routes</c>, of any version: columns that a version lacks are null.</summary>
internal sealed record RouteEntity
{
    public required Guid Id { get; init; }

    public string? Name { get; init; }

    public Guid? ServiceId { get; init; }

    public IReadOnlyList<string>? Protocols { get; init; }

    public IReadOnlyList<string>? Methods { get; init; }

    public IReadOnlyList<string>? Hosts { get; init; }

    public IReadOnlyList<string>? Paths { get; init; }

    public IReadOnlyList<string>? Snis { get; init; }

    public JsonElement? Sources { get; init; }

    public JsonElement? Destinations { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Headers { get; init; }

    public string? PathHandling { get; init; }

    public bool? StripPath { get; init; }

    /// <summary>An expression of the 3.x router; null where the route is described by the other columns.</summary>
    public string? Expression { get; init; }

    public string Label => Name ?? Id.ToString();
}
