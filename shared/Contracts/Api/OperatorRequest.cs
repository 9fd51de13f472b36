using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Api;

/// <summary>Body of an operator's request.</summary>
public sealed record OperatorRequest
{
    /// <summary>Who asks; null reads as unknown.</summary>
    public string? Actor { get; init; }

    /// <summary>Why; null is allowed.</summary>
    public string? Reason { get; init; }

    /// <summary>For resume and retry: findings that no longer fail the upgrade, each <c>indicator</c> or <c>indicator:route</c>; null overrides nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Overrides { get; init; }
}
