using System.Text.Json;

namespace KongUpgradeMesh.Contracts.Api;

/// <summary>Body of the request that starts an upgrade.</summary>
public sealed record StartUpgradeRequest
{
    /// <summary>The requester's own id; null makes the server choose one, and then a repeat is not recognised.</summary>
    public string? RequestId { get; init; }

    /// <summary>Who asks; null reads as unknown.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>The spec.</summary>
    public required JsonElement Spec { get; init; }
}
