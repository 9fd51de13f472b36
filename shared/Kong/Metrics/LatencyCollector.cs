using System.Globalization;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Collects the latency histograms of one exposition line by line. Nine lines of ten are buckets: nothing is allocated for a line, a little for a route.</summary>
/// <param name="texts">Decodes names.</param>
internal sealed class LatencyCollector(TextPool texts)
{
    private readonly Dictionary<RouteKey, RouteLatency> _routes = [];

    // The beginning of a bucket's line up to the bound, and what it belongs to: the next line mostly begins alike.
    private byte[] _head = new byte[256];
    private int _headLength;
    private LatencyKind _headKind;
    private RouteLatency? _headRoute;

    /// <summary>What was there.</summary>
    public MetricFamilies Families { get; private set; }

    /// <summary>By route; empty when there were no buckets.</summary>
    public IReadOnlyDictionary<RouteKey, RouteLatency> Routes => _routes;

    /// <summary>Sum and count over all routes.</summary>
    public LatencyTotal Total(LatencyKind kind) => _routes.Values.Aggregate(default(LatencyTotal), (sum, r) => sum + r.Total(kind));

    /// <summary>What the label <c>type</c> of Kong 2.x says; null when it is nothing known.</summary>
    public static LatencyKind? KindOf(MetricPoint point) => point.Label("type"u8) switch
    {
        var type when type.SequenceEqual("kong"u8) => LatencyKind.Kong,
        var type when type.SequenceEqual("request"u8) => LatencyKind.Request,
        var type when type.SequenceEqual("upstream"u8) => LatencyKind.Upstream,
        _ => null,
    };

    /// <summary>Takes the line if it is the next bucket of the same histogram as the one before; what is unusual about it is left to the careful way.</summary>
    public bool TryTakeNextBucket(ReadOnlySpan<byte> line)
    {
        if (_headRoute is null || !line.StartsWith(_head.AsSpan(0, _headLength)))
        {
            return false;
        }

        var rest = line[_headLength..];
        var end = rest.IndexOf("\"}"u8);
        if (end < 0 || !MetricLine.TryValueOf(rest[(end + 2)..], out var value, out _) || !double.IsFinite(value) || value < 0 || !TryBoundOf(_headKind, rest[..end], out var bound))
        {
            return false;
        }

        Add(_headRoute, _headKind, bound, value);
        return true;
    }

    /// <summary>Takes a bucket.</summary>
    /// <exception cref="ExpositionException">Its bound is no number.</exception>
    public void TakeBucket(LatencyKind kind, MetricPoint point, ReadOnlySpan<byte> line)
    {
        var text = point.Label("le"u8);
        if (!TryBoundOf(kind, text, out var bound))
        {
            throw new ExpositionException(ExpositionFault.Malformed, point.Number);
        }

        var route = Of(point);
        Add(route, kind, bound, point.Value);
        Remember(kind, route, line, text);
    }

    /// <summary>Takes a sum.</summary>
    public void TakeSum(LatencyKind kind, MetricPoint point)
    {
        Of(point).AddSum(kind, point.Value);
        Families |= FamilyOf(kind);
    }

    /// <summary>Takes a count.</summary>
    public void TakeCount(LatencyKind kind, MetricPoint point)
    {
        Of(point).AddCount(kind, point.Value);
        Families |= FamilyOf(kind);
    }

    private static MetricFamilies FamilyOf(LatencyKind kind) => kind switch
    {
        LatencyKind.Kong => MetricFamilies.KongLatency,
        LatencyKind.Request => MetricFamilies.RequestLatency,
        _ => MetricFamilies.UpstreamLatency,
    };

    // Bounds that not every version has are read and left out: -1.
    private static bool TryBoundOf(LatencyKind kind, ReadOnlySpan<byte> text, out int bound)
    {
        bound = -1;
        if (text.SequenceEqual("+Inf"u8))
        {
            return true;
        }

        if (!MetricLine.TryNumber(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, out var milliseconds))
        {
            return false;
        }

        bound = LatencyBounds.Of(kind).IndexOf(milliseconds);
        return true;
    }

    private static void Add(RouteLatency route, LatencyKind kind, int bound, double value)
    {
        if (bound >= 0)
        {
            route.AddBucket(kind, bound, value);
        }
    }

    private void Remember(LatencyKind kind, RouteLatency route, ReadOnlySpan<byte> line, ReadOnlySpan<byte> bound)
    {
        _headRoute = null;
        if (!line.Overlaps(bound, out var at) || !line[(at + bound.Length)..].StartsWith("\"}"u8))
        {
            return;
        }

        if (at > _head.Length)
        {
            _head = new byte[at];
        }

        line[..at].CopyTo(_head);
        (_headLength, _headKind, _headRoute) = (at, kind, route);
    }

    private RouteLatency Of(MetricPoint point)
    {
        var key = new RouteKey(texts.TextOf(point.Label("service"u8)), texts.TextOf(point.Label("route"u8)));
        if (!_routes.TryGetValue(key, out var route))
        {
            _routes[key] = route = new RouteLatency();
        }

        return route;
    }
}
