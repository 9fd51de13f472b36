namespace KongUpgradeMesh.Lab.Load;

/// <summary>One kind of request of the mix.</summary>
public sealed record LoadRequest
{
    /// <summary>Method. Default GET.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Path and query, starting with a slash.</summary>
    public required string Path { get; init; }

    /// <summary>Headers beside the client's. Default none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Statuses that are right. Default 200.</summary>
    public IReadOnlyList<int> Expected { get; init; } = [200];

    /// <summary>Body, sent as it is; null sends none.</summary>
    public string? Body { get; init; }

    /// <summary>How often it occurs, relative to the others; at least 1. Default 1.</summary>
    public int Weight { get; init; } = 1;
}
