using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;
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

    /// <summary>Percent of sticky keys on Y; while a ramp goes on, the most that there may be.</summary>
    public required int WeightY { get; init; }

    /// <summary>The least percent of sticky keys that there may be on Y while a ramp goes on; null when <see cref="WeightY"/> is in force.</summary>
    public int? RampFrom { get; init; }

    /// <summary>The least percent of sticky keys on Y.</summary>
    public int LeastWeightY => RampFrom ?? WeightY;

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

    /// <summary>Where the evidence that Y gives a kind of answer more often than X suffices, by the name of its indicator.</summary>
    public IReadOnlyDictionary<string, RiseFound> Rises { get; init; } = new Dictionary<string, RiseFound>();

    /// <summary>Whether the evidence suffices that requests on Y miss their route more often than on X.</summary>
    public bool HasLostRequests { get; init; }

    /// <summary>What is known of the rate limits.</summary>
    public RateLimits Limits { get; init; } = RateLimits.Unknown;

    /// <summary>Whether a client is on one cluster only, for certain.</summary>
    public bool Sticky { get; init; }

    /// <summary>How long Y is to serve alone before X is removed.</summary>
    public TimeSpan Soak { get; init; }

    /// <summary>How much more a counter of rate limits on Y sees than one on X.</summary>
    public double LimitPressure => Limits.Pressure(X.Nodes.Count, Y.Nodes.Count, RateLimits.MostOf(RampFrom, WeightY), Sticky);

    /// <summary>How much more such a counter may see than one on X did before traffic moved.</summary>
    public double LimitPressureSinceBefore => Limits.Pressure(X.Nodes.Count, Y.Nodes.Count, 100, Sticky);

    /// <summary>Findings that do not count by a person's word.</summary>
    public IReadOnlyList<VerdictOverride> Overrides { get; init; } = [];

    /// <summary>How much slower Y is than X.</summary>
    public LatencyFound Latency { get; init; } = LatencyFound.Nothing;

    /// <summary>How the spec's probes fare, by name; those that have not been answered yet are missing.</summary>
    public IReadOnlyDictionary<string, ProbeState> Probes { get; init; } = new Dictionary<string, ProbeState>();

    /// <summary>What load balancers saw; null when the spec declares none.</summary>
    public BalancerView? Balancer { get; init; }

    /// <summary>Whether clients are on Y, so that its faults hurt somebody.</summary>
    public bool HasTrafficY => WeightY > 0;

    /// <summary>Whether X must be seen: until it may be gone.</summary>
    public bool NeedsX => Purpose != WatchPurpose.After;

    /// <summary>Whether clients should be on X.</summary>
    public bool HasTrafficX => LeastWeightY < 100 && NeedsX;

    /// <summary>What X did in the compared window.</summary>
    public TrafficSpan WindowX => Window(ref _windowX, X);

    /// <summary>What Y did in the compared window.</summary>
    public TrafficSpan WindowY => Window(ref _windowY, Y);

    /// <summary>Start of the compared window.</summary>
    public TimeSpan WindowStart => Elapsed - Thresholds.Window;

    /// <summary>Where the evidence for a kind of answer suffices.</summary>
    public RiseFound RiseOf(AnswerKind kind) => Rises.GetValueOrDefault(kind.Indicator, RiseFound.Nowhere);

    /// <summary>Whether both versions of Kong tell a kind of answer from others.</summary>
    public bool Tells(AnswerKind kind) => kind.IsToldBy(VersionX) && kind.IsToldBy(VersionY);

    /// <summary>The same without the requests of some routes.</summary>
    /// <param name="left">Which routes are left out.</param>
    public Observation Without(Func<RouteKey, bool> left) => this with
    {
        X = X.Without(left),
        Y = Y.Without(left),
        Reference = Reference is null ? null : Reference with { X = Reference.X.Without(left) },
        Rises = Rises.ToDictionary(static r => r.Key, r => new RiseFound([.. r.Value.Where.Where(s => s.Route is null || !left(new RouteKey(s.Service ?? "", s.Route)))])),
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
