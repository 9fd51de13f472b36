using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Probing;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>Everything a judgement is made from.</summary>
public sealed record Observation
{
    /// <summary>Time since the watch began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>What the judgement is for.</summary>
    public required WatchPurpose Purpose { get; init; }

    /// <summary>Percent of sticky keys on Y.</summary>
    public required int WeightY { get; init; }

    /// <summary>Cluster X.</summary>
    public required SideView X { get; init; }

    /// <summary>Cluster Y.</summary>
    public required SideView Y { get; init; }

    /// <summary>What is remembered of X; null when nothing is.</summary>
    public Reference? Reference { get; init; }

    /// <summary>The thresholds.</summary>
    public required MonitorSpec Thresholds { get; init; }

    /// <summary>Requests on Y before it may pass.</summary>
    public required int MinimumRequests { get; init; }

    /// <summary>The version X must have.</summary>
    public required string VersionX { get; init; }

    /// <summary>The version Y must have.</summary>
    public required string VersionY { get; init; }

    /// <summary>Where the evidence that Y answers 5xx more often than X suffices.</summary>
    public RiseFound ServerErrors { get; init; } = RiseFound.Nowhere;

    /// <summary>How the spec's probes fare, by name; those that have not been answered yet are missing.</summary>
    public IReadOnlyDictionary<string, ProbeState> Probes { get; init; } = new Dictionary<string, ProbeState>();

    /// <summary>Whether clients are on Y, so that its faults hurt somebody.</summary>
    public bool HasTrafficY => WeightY > 0;

    /// <summary>Whether X must be seen: until it may be gone.</summary>
    public bool NeedsX => Purpose != WatchPurpose.After;

    /// <summary>Whether clients should be on X.</summary>
    public bool HasTrafficX => WeightY < 100 && NeedsX;

    /// <summary>What X did in the compared window.</summary>
    public TrafficSpan WindowX => field ??= X.After(WindowStart);

    /// <summary>What Y did in the compared window.</summary>
    public TrafficSpan WindowY => field ??= Y.After(WindowStart);

    /// <summary>Start of the compared window.</summary>
    public TimeSpan WindowStart => Elapsed - Thresholds.Window;
}
