using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Kong.Admin;

/// <summary>One page of a listing.</summary>
/// <typeparam name="T">What is listed.</typeparam>
public sealed record KongPage<T>
{
    /// <summary>The rows.</summary>
    [JsonPropertyName("data")]
    public required IReadOnlyList<T> Data { get; init; }

    /// <summary>To be passed for the next page; null on the last. The <c>next</c> link is not used: 2.8 forgets the page size in it.</summary>
    [JsonPropertyName("offset")]
    public string? Offset { get; init; }
}
