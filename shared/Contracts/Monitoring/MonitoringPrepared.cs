using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Monitoring;

/// <summary>Every source that is there before cluster Y is was read.</summary>
public sealed record MonitoringPrepared : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Nodes of cluster X whose counters were read.</summary>
    public required int NodesX { get; init; }

    /// <summary>Declared load balancers whose counters were read.</summary>
    public required int Balancers { get; init; }

    /// <summary>Whether the nodes were read through a Prometheus.</summary>
    public required bool ByPrometheus { get; init; }
}
