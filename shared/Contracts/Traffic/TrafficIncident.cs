using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>Something happened to a split without a command of the coordinator. Kept by the traffic agent until the broker has taken it, so that the story is whole after an outage.</summary>
public sealed record TrafficIncident : IStepEvent
{
    /// <summary>The shift that set the split.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>What happened.</summary>
    public required TrafficIncidentKind Kind { get; init; }

    /// <summary>In one sentence, with who or what caused it as far as it can be told.</summary>
    public required string Message { get; init; }

    /// <summary>What the load balancer reported afterwards; null when it could not be asked.</summary>
    public required TrafficSplit? Split { get; init; }

    /// <summary>When it happened, by the agent's clock; it may be reported much later.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>From its cause to the proof that all traffic is on X; null when nothing was restored.</summary>
    public TimeSpan? Took { get; init; }
}
