namespace KongUpgradeMesh.Lab.Load;

/// <summary>What the load has seen so far: a snapshot that no longer changes.</summary>
public sealed record LoadReport
{
    /// <summary>When the load began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it has been running.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Finished requests.</summary>
    public required long Total { get; init; }

    /// <summary>Of these failed: no full answer, or an unexpected status.</summary>
    public required long Failed { get; init; }

    /// <summary>Failed requests answered by X.</summary>
    public required long FailedX { get; init; }

    /// <summary>Failed requests answered by Y.</summary>
    public required long FailedY { get; init; }

    /// <summary>Requests answered by X.</summary>
    public required long RequestsX { get; init; }

    /// <summary>Requests answered by Y.</summary>
    public required long RequestsY { get; init; }

    /// <summary>Requests not sent because too many were open; a load that skips says less than it seems to.</summary>
    public required long Skipped { get; init; }

    /// <summary>Answers by status; 0 stands for none.</summary>
    public required IReadOnlyDictionary<int, long> Statuses { get; init; }

    /// <summary>Second by second.</summary>
    public required IReadOnlyList<LoadSecond> Seconds { get; init; }

    /// <summary>Clients that were seen on Y and later on X although no rollback was declared.</summary>
    public required IReadOnlyList<string> MovedBack { get; init; }

    /// <summary>The first failures, at most 50.</summary>
    public required IReadOnlyList<LoadFailure> Failures { get; init; }

    /// <summary>When the first failed request began; null when none did.</summary>
    public required DateTimeOffset? FirstFailureAt { get; init; }

    /// <summary>When the last failed request began; null when none did.</summary>
    public required DateTimeOffset? LastFailureAt { get; init; }

    /// <summary>Latency of answers from X.</summary>
    public required LatencySummary LatencyX { get; init; }

    /// <summary>Latency of answers from Y.</summary>
    public required LatencySummary LatencyY { get; init; }

    /// <summary>Share of Y over all answers whose side is known, 0 to 1.</summary>
    public double ShareY => RequestsX + RequestsY > 0 ? (double)RequestsY / (RequestsX + RequestsY) : 0;
}
