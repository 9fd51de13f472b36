namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>Which load balancer is driven, and in which steps.</summary>
public sealed record TrafficSpec
{
    /// <summary>Name of the traffic driver, <c>haproxy</c>, <c>nginx</c>, <c>dns</c>, <c>powerdns</c>, <c>kubernetes</c>, <c>webhook</c> or <c>exec</c>.</summary>
    public required string Driver { get; init; }

    /// <summary>The driver's own settings; its page in docs/traffic lists them. Values may be <c>env:NAME</c> or <c>file:/path</c>.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Percent of sticky keys on cluster Y, rising, the last one 100. Default 1, 10, 25, 50, 100.</summary>
    public IReadOnlyList<int> Steps { get; init; } = [1, 10, 25, 50, 100];

    /// <summary>The least time spent at each step. 1 second to 30 days. Default 1 minute.</summary>
    public TimeSpan Dwell { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the way to each step takes, in small increments of at most one a second, so that Y's caches and connections warm up. Zero, or 1 second to 1 day; zero sets each step at once.
    /// Refused, at plan time, of a driver where each change of the split costs clients something. Default zero.
    /// </summary>
    public TimeSpan Ramp { get; init; }

    /// <summary>The least number of requests on cluster Y at each step before it may pass. Default 50.</summary>
    public int MinimumRequests { get; init; } = 50;

    /// <summary>How long after the dwell a step may stay inconclusive before the run pauses. Default 10 minutes.</summary>
    public TimeSpan DecideWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether a client that was moved to Y must stay there while the share grows. True refuses a driver that cannot promise it, at plan time. Default false.</summary>
    public bool Sticky { get; init; }

    /// <summary>What happens when somebody else changes the split while the upgrade runs. Default <see cref="ForeignChangeChoice.Pause"/>.</summary>
    public ForeignChangeChoice OnForeignChange { get; init; } = ForeignChangeChoice.Pause;

    /// <summary>Whether a failed verdict makes the traffic agent restore X at once, before the coordinator has heard of it. Default true.</summary>
    public bool Reflex { get; init; } = true;

    /// <summary>The dead-man switch.</summary>
    public DeadManSpec DeadMan { get; init; } = new();

    /// <summary>Whether the way back is tried and timed before the first step: 1 % to Y and back. Default true.</summary>
    public bool Drill { get; init; } = true;

    /// <summary>Percent of sticky keys on cluster Y before a step.</summary>
    /// <param name="index">Index of the step in <see cref="Steps"/>, from 0.</param>
    public int ShareBefore(int index) => index == 0 ? 0 : Steps[index - 1];

    /// <summary>Whether the way to a step is spread over <see cref="Ramp"/>; one percent cannot be spread.</summary>
    /// <param name="index">Index of the step in <see cref="Steps"/>, from 0.</param>
    public bool IsRamped(int index) => Ramp > TimeSpan.Zero && Steps[index] - ShareBefore(index) > 1;
}
