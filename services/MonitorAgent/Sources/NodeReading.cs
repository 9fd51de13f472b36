using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Sources;

/// <summary>One try at reading one node.</summary>
public sealed record NodeReading
{
    /// <summary>The node's name in the spec.</summary>
    public required string Node { get; init; }

    /// <summary>Its metrics; null when they could not be read or trusted.</summary>
    public NodeSample? Sample { get; init; }

    /// <summary>Whether it serves, by its status endpoint: false also when that did not answer. Null when the node was not asked and whoever was does not know.</summary>
    public bool? Ready { get; init; } = false;

    /// <summary>Whether it reaches its database; null when it did not say.</summary>
    public bool? DatabaseReachable { get; init; }

    /// <summary>Kong's version as the node gives it; null when it did not say.</summary>
    public string? Version { get; init; }

    /// <summary>Requests this reading sent to the node; the node's own counter contains them.</summary>
    public int OwnRequests { get; init; }

    /// <summary>Whether known requests to its proxy moved its counters; null when it was not asked for.</summary>
    public bool? SeriesMoved { get; init; }

    /// <summary>Why not, for people; null unless <see cref="SeriesMoved"/> is false.</summary>
    public string? Unproven { get; init; }

    /// <summary>What was wrong, a few words for people; null when nothing was.</summary>
    public string? Problem { get; init; }
}
