using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>
/// Proves that cluster Y carries all traffic, and ends everything by which an agent would put it back on cluster X of its own accord (reflex, dead-man switch).
/// Cluster X may be removed only after <see cref="TrafficCommitted"/>; only a later epoch can order the traffic back.
/// </summary>
public sealed record CommitTraffic : IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade.</summary>
    public required UpgradeSpec Spec { get; init; }
}
