using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>The way back was tried; all traffic is on cluster X again.</summary>
public sealed record TrafficDrilled : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>The split that was tried; null when nothing was.</summary>
    public required TrafficSplit? Split { get; init; }

    /// <summary>Until the load balancer reported the split; null when nothing was tried.</summary>
    public TimeSpan? TookForth { get; init; }

    /// <summary>Until the load balancer reported all traffic on cluster X again, which is what a rollback takes; null when nothing was tried.</summary>
    public TimeSpan? TookBack { get; init; }

    /// <summary>How long after the load balancer's report clients may still be led by the old split, long-lived connections aside; zero for at once.</summary>
    public TimeSpan Lag { get; init; }

    /// <summary>Share of requests seen on cluster Y meanwhile, 0 to 1; null when too few were seen or the driver cannot tell.</summary>
    public double? ObservedShareY { get; init; }

    /// <summary>Why nothing was tried; null when it was.</summary>
    public string? SkippedBecause { get; init; }
}
