namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Latency histograms of one route on the bounds that all versions share: a count, a sum and cumulative buckets of each kind, in one array.</summary>
public sealed class RouteLatency
{
    // Before the buckets of a kind stand its count and its sum.
    private const int Head = 2;
    private static readonly LatencyKind[] Kinds = [LatencyKind.Kong, LatencyKind.Request, LatencyKind.Upstream];
    private static readonly int[] Starts =
        [0, Head + LatencyBounds.Of(LatencyKind.Kong).Length, (2 * Head) + LatencyBounds.Of(LatencyKind.Kong).Length + LatencyBounds.Of(LatencyKind.Request).Length];

    private static readonly int Length = Starts[^1] + Head + LatencyBounds.Of(LatencyKind.Upstream).Length;

    private readonly double[] _values;

    /// <summary>Begins empty.</summary>
    public RouteLatency()
        : this(new double[Length])
    {
    }

    private RouteLatency(double[] values) => _values = values;

    /// <summary>Whether it has buckets; without them only counts and sums mean anything.</summary>
    public bool HasBuckets { get; private set; }

    /// <summary>All values, to be kept and given to <see cref="FromValues"/>.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <summary>What was kept; null when it is not of this layout.</summary>
    /// <param name="values">What <see cref="Values"/> gave.</param>
    /// <param name="hasBuckets">What <see cref="HasBuckets"/> gave.</param>
    public static RouteLatency? FromValues(IReadOnlyList<double> values, bool hasBuckets) =>
        values.Count == Length ? new RouteLatency([.. values]) { HasBuckets = hasBuckets } : null;

    /// <summary>Counts and sums alone, of a source that has no buckets.</summary>
    /// <param name="kong">What Kong added.</param>
    /// <param name="request">Whole requests.</param>
    /// <param name="upstream">Upstream services.</param>
    public static RouteLatency OfTotals(LatencyTotal kong, LatencyTotal request, LatencyTotal upstream)
    {
        var latency = new RouteLatency();
        foreach (var (kind, total) in new[] { (LatencyKind.Kong, kong), (LatencyKind.Request, request), (LatencyKind.Upstream, upstream) })
        {
            (latency._values[Starts[(int)kind]], latency._values[Starts[(int)kind] + 1]) = (total.Count, total.Milliseconds);
        }

        return latency;
    }

    /// <summary>Number and sum of the latencies of one kind.</summary>
    /// <param name="kind">The kind.</param>
    public LatencyTotal Total(LatencyKind kind) => new(_values[Starts[(int)kind] + 1], _values[Starts[(int)kind]]);

    /// <summary>Requests that took no longer than each of <see cref="LatencyBounds.Of"/>.</summary>
    /// <param name="kind">The kind.</param>
    public ReadOnlySpan<double> AtMost(LatencyKind kind) => _values.AsSpan(Starts[(int)kind] + Head, LatencyBounds.Of(kind).Length);

    /// <summary>Takes one request.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="milliseconds">How long it took, 0 or more.</param>
    public void Observe(LatencyKind kind, double milliseconds)
    {
        var start = Starts[(int)kind];
        _values[start]++;
        _values[start + 1] += milliseconds;
        HasBuckets = true;
        var bounds = LatencyBounds.Of(kind);
        for (var i = bounds.Length - 1; i >= 0 && milliseconds <= bounds[i]; i--)
        {
            _values[start + Head + i]++;
        }
    }

    /// <summary>Adds another one, scaled.</summary>
    /// <param name="other">The other.</param>
    /// <param name="scale">Factor of the other, 0 or more.</param>
    public void Add(RouteLatency other, double scale = 1)
    {
        HasBuckets |= other.HasBuckets;
        for (var i = 0; i < Length; i++)
        {
            _values[i] += other._values[i] * scale;
        }
    }

    /// <summary>What came since an older reading of the same counters; everything where they began anew.</summary>
    /// <param name="before">The older reading; null for none.</param>
    public RouteLatency Since(RouteLatency? before)
    {
        var since = new RouteLatency([.. _values]) { HasBuckets = HasBuckets };
        foreach (var kind in Kinds)
        {
            since.Subtract(before, kind);
        }

        return since;
    }

    /// <summary>Adds to a count, a sum or a bucket as the exposition names them.</summary>
    internal void AddCount(LatencyKind kind, double value) => _values[Starts[(int)kind]] += value;

    /// <inheritdoc cref="AddCount"/>
    internal void AddSum(LatencyKind kind, double value) => _values[Starts[(int)kind] + 1] += value;

    /// <inheritdoc cref="AddCount"/>
    internal void AddBucket(LatencyKind kind, int bound, double value)
    {
        HasBuckets = true;
        _values[Starts[(int)kind] + Head + bound] += value;
    }

    private void Subtract(RouteLatency? before, LatencyKind kind)
    {
        var start = Starts[(int)kind];
        var now = _values.AsSpan(start, Head + LatencyBounds.Of(kind).Length);
        if (before is not null && !CounterReset.IsBetween(before._values[start], now[0]))
        {
            for (var i = 0; i < now.Length; i++)
            {
                // A node whose clock is set back counts negative latencies: the sum may fall while requests are counted.
                now[i] = Math.Max(0, now[i] - before._values[start + i]);
            }
        }

        // Kong counts worker by worker and key by key: a reading may lie between a count and its buckets.
        var least = 0.0;
        for (var i = Head; i < now.Length; i++)
        {
            least = now[i] = Math.Clamp(now[i], least, Math.Max(least, now[0]));
        }
    }
}
