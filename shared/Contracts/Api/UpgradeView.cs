using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.Contracts.Api;

/// <summary>What the REST API tells of one upgrade.</summary>
public sealed record UpgradeView
{
    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>The requester's own id of the start.</summary>
    public required string RequestId { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>Where it stands.</summary>
    public required string Datacenter { get; init; }

    /// <summary>Version of cluster X.</summary>
    public required string From { get; init; }

    /// <summary>Version of cluster Y.</summary>
    public required string To { get; init; }

    /// <summary>State of the run, for example <c>Shift</c>, <c>Paused</c> or <c>Completed</c>.</summary>
    public required string State { get; init; }

    /// <summary>How it ended; null while it runs.</summary>
    public UpgradeOutcome? Outcome { get; init; }

    /// <summary>The phase it is in, or was in before it was paused or rolled back.</summary>
    public required string Phase { get; init; }

    /// <summary>The epoch, starting at 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The running step; null when none runs.</summary>
    public string? Step { get; init; }

    /// <summary>The attempt at that step; 0 when none runs.</summary>
    public required int Attempt { get; init; }

    /// <summary>The agent that holds the step; null while none has accepted it.</summary>
    public string? Agent { get; init; }

    /// <summary>What that agent last said it was doing; null when nothing.</summary>
    public string? Activity { get; init; }

    /// <summary>Percent of sticky keys on cluster Y, as last proven.</summary>
    public required int WeightY { get; init; }

    /// <summary>Whether a fence lapsed or a configuration drifted during the run.</summary>
    public required bool Tainted { get; init; }

    /// <summary>What went wrong last; null when nothing did.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Findings that failed it and that nobody has overridden yet; empty unless it waits for that.</summary>
    public IReadOnlyList<VerdictFinding> FailedFindings { get; init; } = [];

    /// <summary>Findings that do not count by a person's word; empty when there are none.</summary>
    public IReadOnlyList<VerdictOverride> Overrides { get; init; } = [];

    /// <summary>What the monitor has alerted since there was no way back, in the order in which it was found; empty when nothing was.</summary>
    public IReadOnlyList<VerdictFinding> Alerts { get; init; } = [];

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended; null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When the present wait ends by itself; null when there is none.</summary>
    public DateTimeOffset? Deadline { get; init; }
}
