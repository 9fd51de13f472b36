using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Probing;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>Everything a judgement is made from.</summary>
public sealed record Observation
{
    private (SideView Of, TrafficSpan Span)? _windowX;
    private (SideView Of, TrafficSpan Span)? _windowY;

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

    /// <summary>Findings that do not count by a person's word.</summary>
    public IReadOnlyList<VerdictOverride> Overrides { get; init; } = [];

    /// <summary>How much slower Y is than X.</summary>
    public LatencyFound Latency { get; init; } = LatencyFound.Nothing;

    /// <summary>How the spec's probes fare, by name; those that have not been answered yet are missing.</summary>
    public IReadOnlyDictionary<string, ProbeState> Probes { get; init; } = new Dictionary<string, ProbeState>();

    /// <summary>Whether clients are on Y, so that its faults hurt somebody.</summary>
    public bool HasTrafficY => WeightY > 0;

    /// <summary>Whether X must be seen: until it may be gone.</summary>
    public bool NeedsX => Purpose != WatchPurpose.After;

    /// <summary>Whether clients should be on X.</summary>
    public bool HasTrafficX => WeightY < 100 && NeedsX;

    /// <summary>What X did in the compared window.</summary>
    public TrafficSpan WindowX => Window(ref _windowX, X);

    /// <summary>What Y did in the compared window.</summary>
    public TrafficSpan WindowY => Window(ref _windowY, Y);

    /// <summary>Start of the compared window.</summary>
    public TimeSpan WindowStart => Elapsed - Thresholds.Window;

    /// <summary>The same without the requests of some routes.</summary>
    /// <param name="left">Which routes are left out.</param>
    public Observation Without(Func<RouteName, bool> left) => this with
    {
        X = X.Without(left),
        Y = Y.Without(left),
        Reference = Reference is null ? null : Reference with { X = Reference.X.Without(left) },
        ServerErrors = ServerErrors with { Routes = [.. ServerErrors.Routes.Where(r => !left(r))] },
    };

    // Remembered with the side it is of: a copy with another side has another window.
    private TrafficSpan Window(ref (SideView Of, TrafficSpan Span)? known, SideView side)
    {
        if (known is not { } window || !ReferenceEquals(window.Of, side))
        {
            known = window = (side, side.After(WindowStart));
        }

        return window.Span;
    }
}
