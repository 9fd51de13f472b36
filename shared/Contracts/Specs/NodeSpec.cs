namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>One Kong node.</summary>
public sealed record NodeSpec
{
    /// <summary>Name within its cluster, 1 to 63 characters of <c>a-z 0-9 -</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Kong's prefix directory of this node; never shared between nodes or clusters.</summary>
    public required string Prefix { get; init; }

    /// <summary>Where it serves clients, for example <c>http://10.0.0.5:8000</c>.</summary>
    public required Uri Proxy { get; init; }

    /// <summary>Its Admin API, reachable by the agents.</summary>
    public required Uri Admin { get; init; }

    /// <summary>Its Status API; null uses <see cref="Admin"/> for status and metrics.</summary>
    public Uri? Status { get; init; }

    /// <summary>Variables of this node alone; win over the deployment's. Default empty.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
