using System.Globalization;
using System.Text;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Collects the latency histograms of one exposition line by line. A node has thousands of these lines a second: nothing is allocated for a line, a little for a route.</summary>
internal sealed class LatencyCollector
{
    private readonly List<Entry> _order = [];
    private readonly Dictionary<RouteKey, RouteLatency> _routes = [];
    private int _last = -1;

    private readonly record struct Entry(byte[] Service, byte[] Route, RouteLatency Latency)
    {
        public bool Is(ReadOnlySpan<byte> service, ReadOnlySpan<byte> route) => service.SequenceEqual(Service) && route.SequenceEqual(Route);
    }

    private enum Part
    {
        Bucket,
        Sum,
        Count,
    }

    /// <summary>What was there.</summary>
    public MetricFamilies Families { get; private set; }

    /// <summary>By route; empty when there were no buckets.</summary>
    public IReadOnlyDictionary<RouteKey, RouteLatency> Routes => _routes;

    /// <summary>Sum and count over all routes.</summary>
    public LatencyTotal Total(LatencyKind kind) => _routes.Values.Aggregate(default(LatencyTotal), (sum, r) => sum + r.Total(kind));

    /// <summary>Takes the line if it is one of a latency.</summary>
    /// <exception cref="ExpositionException">It is one, and malformed or impossible.</exception>
    public bool TryTake(ReadOnlySpan<byte> line, int number)
    {
        var name = MetricLine.NameOf(line);
        if (!TryName(name, out var kind, out var part))
        {
            return false;
        }

        var rest = line[(line.IndexOf(name) + name.Length)..];
        if (!MetricLine.TryLatencyLabels(ref rest, out var labels) || !MetricLine.TryValueOf(rest, out var value))
        {
            throw new ExpositionException(ExpositionFault.Malformed, number);
        }

        if (!double.IsFinite(value) || value < 0)
        {
            throw new ExpositionException(ExpositionFault.ImpossibleValue, number);
        }

        if ((kind ?? KindOf(labels.Type)) is { } known)
        {
            Take(known, part, labels, value, number);
        }

        return true;
    }

    private static bool TryName(ReadOnlySpan<byte> name, out LatencyKind? kind, out Part part)
    {
        (kind, part) = (null, Part.Bucket);
        if (name.EndsWith("_bucket"u8))
        {
            name = name[..^"_bucket".Length];
        }
        else if (name.EndsWith("_sum"u8))
        {
            name = name[..^"_sum".Length];
            part = Part.Sum;
        }
        else if (name.EndsWith("_count"u8))
        {
            name = name[..^"_count".Length];
            part = Part.Count;
        }
        else
        {
            return false;
        }

        kind = name.SequenceEqual("kong_kong_latency_ms"u8) ? LatencyKind.Kong
            : name.SequenceEqual("kong_request_latency_ms"u8) ? LatencyKind.Request
            : name.SequenceEqual("kong_upstream_latency_ms"u8) ? LatencyKind.Upstream
            : null;
        return kind is not null || name.SequenceEqual("kong_latency"u8);
    }

    private static LatencyKind? KindOf(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("kong"u8) ? LatencyKind.Kong
        : type.SequenceEqual("request"u8) ? LatencyKind.Request
        : type.SequenceEqual("upstream"u8) ? LatencyKind.Upstream
        : null;

    private void Take(LatencyKind kind, Part part, LatencyLabels labels, double value, int number)
    {
        var route = Of(labels.Service, labels.Route);
        switch (part)
        {
            case Part.Sum:
                route.AddSum(kind, value);
                break;
            case Part.Count:
                route.AddCount(kind, value);
                break;
            default:
                if (BoundOf(kind, labels.Bound, number) is >= 0 and var bound)
                {
                    route.AddBucket(kind, bound, value);
                }

                return;
        }

        Families |= kind switch
        {
            LatencyKind.Kong => MetricFamilies.KongLatency,
            LatencyKind.Request => MetricFamilies.RequestLatency,
            _ => MetricFamilies.UpstreamLatency,
        };
    }

    private static int BoundOf(LatencyKind kind, ReadOnlySpan<byte> text, int number)
    {
        if (text.SequenceEqual("+Inf"u8))
        {
            return -1;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var bound)
            ? LatencyBounds.Of(kind).IndexOf(bound)
            : throw new ExpositionException(ExpositionFault.Malformed, number);
    }

    // The lines of a route stand together, and each metric lists the routes in the same order.
    private RouteLatency Of(ReadOnlySpan<byte> service, ReadOnlySpan<byte> route)
    {
        if (_last >= 0 && _order[_last].Is(service, route))
        {
            return _order[_last].Latency;
        }

        var next = _last + 1 < _order.Count ? _last + 1 : 0;
        if (_order.Count > 0 && _order[next].Is(service, route))
        {
            _last = next;
            return _order[next].Latency;
        }

        var key = new RouteKey(MetricLine.Unescape(Encoding.UTF8.GetString(service)), MetricLine.Unescape(Encoding.UTF8.GetString(route)));
        if (_routes.TryGetValue(key, out var known))
        {
            _last = _order.FindIndex(e => ReferenceEquals(e.Latency, known));
            return known;
        }

        _routes[key] = known = new RouteLatency();
        _order.Add(new Entry(service.ToArray(), route.ToArray(), known));
        _last = _order.Count - 1;
        return known;
    }
}
