namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>One HTTP request to cluster Y's proxy and what must come back.</summary>
public sealed record HttpCheckSpec
{
    /// <summary>Shown in reports.</summary>
    public required string Name { get; init; }

    /// <summary>HTTP method. Default GET.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Path and query, beginning with a slash.</summary>
    public required string Path { get; init; }

    /// <summary>Request headers; values may be <c>env:NAME</c> or <c>file:/path</c>. Default empty.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Status that must come back, 100 to 599. Default 200.</summary>
    public int ExpectStatus { get; init; } = 200;

    /// <summary>Text that the body must contain; null does not look.</summary>
    public string? ExpectBody { get; init; }
}
