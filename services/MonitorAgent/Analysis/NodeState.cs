using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>What is known of one node. Times are since the watch began; null means never.</summary>
public sealed record NodeState
{
    /// <summary>The node's name in the spec.</summary>
    public required string Name { get; init; }

    /// <summary>When its metrics were last read.</summary>
    public TimeSpan? ReadAt { get; init; }

    /// <summary>Since when its readings have said not ready or failed; null while ready or before the first reading.</summary>
    public TimeSpan? NotReadySince { get; init; }

    /// <summary>Readings in a row that were not ready.</summary>
    public int NotReadyInRow { get; init; }

    /// <summary>Whether the last reading that told said ready.</summary>
    public bool Ready { get; init; }

    /// <summary>Since when it has said that its database is away; null while it says otherwise or nothing.</summary>
    public TimeSpan? DatabaseAwaySince { get; init; }

    /// <summary>Readings in a row that said so.</summary>
    public int DatabaseAwayInRow { get; init; }

    /// <summary>Whether the last reading said that the database is reachable; null when it did not say.</summary>
    public bool? DatabaseReachable { get; init; }

    /// <summary>What its metrics contained last.</summary>
    public MetricFamilies Families { get; init; }

    /// <summary>Its version; null until it was said.</summary>
    public string? Version { get; init; }

    /// <summary>Whether known requests to its proxy moved its counters; null when it was not asked for.</summary>
    public bool? SeriesMoved { get; init; }

    /// <summary>Why not; null unless <see cref="SeriesMoved"/> is false.</summary>
    public string? Unproven { get; init; }

    /// <summary>Readings in a row whose counter of all requests did not even contain the requests of the reading itself.</summary>
    public int StillInRow { get; init; }

    /// <summary>What was wrong with the last reading; null when nothing was.</summary>
    public string? Problem { get; init; }

    /// <summary>Its id as it says itself; null when it did not (2.x).</summary>
    public string? NodeId { get; init; }

    /// <summary>How often it was seen to begin anew.</summary>
    public int Restarts { get; init; }

    /// <summary>When it was last seen to begin anew.</summary>
    public TimeSpan? RestartedAt { get; init; }

    /// <summary>Requests with a route that it answered lately (a minute or more).</summary>
    public double RecentRequests { get; init; }

    /// <summary>Those of them that it answered 5xx.</summary>
    public double RecentErrors { get; init; }

    /// <summary>Workers that told their memory.</summary>
    public int Workers { get; init; }

    /// <summary>How its memory grows, kind by kind; empty when it does not say.</summary>
    public IReadOnlyList<MemoryTrend> Memory { get; init; } = [];

    /// <summary>The targets of upstreams as it sees them; empty when it does not say.</summary>
    public IReadOnlyList<TargetState> Targets { get; init; } = [];
}
