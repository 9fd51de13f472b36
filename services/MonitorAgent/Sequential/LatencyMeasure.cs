using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>What is compared of a latency histogram.</summary>
internal sealed class LatencyMeasure
{
    private readonly Func<RouteLatency, LatencyTotal> _total;
    private readonly Func<RouteLatency, LatencyTotal>? _otherwise;

    private LatencyMeasure(LatencyKind buckets, double[] bounds, Func<RouteLatency, LatencyTotal> total, Func<RouteLatency, LatencyTotal>? otherwise = null) =>
        (Buckets, Bounds, _total, _otherwise) = (buckets, bounds, total, otherwise);

    /// <summary>What Kong added; where a side does not say it, what was spent outside the upstream services.</summary>
    public static LatencyMeasure Gateway { get; } = new(LatencyKind.Kong, BoundsOf(LatencyKind.Kong), static r => r.Total(LatencyKind.Kong), OutsideUpstream);

    /// <summary>Whole requests.</summary>
    public static LatencyMeasure Request { get; } = new(LatencyKind.Request, BoundsOf(LatencyKind.Request), static r => r.Total(LatencyKind.Request));

    /// <summary>Whole requests less what the upstream services took: a mean without buckets.</summary>
    public static LatencyMeasure Own { get; } = new(LatencyKind.Request, [], OutsideUpstream);

    /// <summary>Upstream services.</summary>
    public static LatencyMeasure Upstream { get; } = new(LatencyKind.Upstream, BoundsOf(LatencyKind.Upstream), static r => r.Total(LatencyKind.Upstream));

    /// <summary>Which buckets.</summary>
    public LatencyKind Buckets { get; }

    /// <summary>Their bounds; empty when only the mean is compared.</summary>
    public double[] Bounds { get; }

    /// <summary>Sum and count on both sides, of the same thing.</summary>
    public (LatencyTotal X, LatencyTotal Y) Totals(RouteLatency x, RouteLatency y)
    {
        var (onX, onY) = (_total(x), _total(y));
        return _otherwise is null || (onX.Count > 0 && onY.Count > 0) ? (onX, onY) : (_otherwise(x), _otherwise(y));
    }

    private static double[] BoundsOf(LatencyKind kind) => LatencyBounds.Of(kind).ToArray();

    private static LatencyTotal OutsideUpstream(RouteLatency latency)
    {
        var request = latency.Total(LatencyKind.Request);
        return request with { Milliseconds = request.Milliseconds - latency.Total(LatencyKind.Upstream).Milliseconds };
    }
}
