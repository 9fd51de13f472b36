namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Follows one latency over a watch: how much slower Y was, since the step began and in the latest stretches of doubling length.</summary>
/// <param name="measure">What is compared.</param>
internal sealed class LatencyTrack(LatencyMeasure measure)
{
    /// <summary>Shortest stretch that is looked at, in intervals: a pause of a few seconds is no fault of an upgrade.</summary>
    public const int LeastIntervals = 8;

    private const int Kept = 256;

    // Caches and connection pools fill in the first seconds of a step.
    private static readonly TimeSpan Cold = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(20);

    private readonly List<LatencySlice> _slices = [];
    private LatencySpan _whole = new(measure.Bounds);
    private TimeSpan _elapsed;

    /// <summary>Whether the step is so young that only a gross rise counts.</summary>
    public bool IsCold => _elapsed < Warm;

    /// <summary>Takes the next interval.</summary>
    public void Add(LatencySlice slice)
    {
        var wasCold = IsCold;
        _elapsed += slice.Length;
        _slices.Add(slice);
        _whole.Add(slice);
        if (wasCold && !IsCold)
        {
            Forget();
        }

        if (_slices.Count > Kept)
        {
            _slices.RemoveAt(0);
        }
    }

    /// <summary>Since the step began, or since it is warm.</summary>
    public LatencyRise? Whole(double worth) => _whole.ToRise(worth);

    /// <summary>The latest intervals that together have at least this length.</summary>
    public LatencyRise? Latest(TimeSpan length)
    {
        var (span, at) = (new LatencySpan(measure.Bounds), TimeSpan.Zero);
        for (var i = _slices.Count - 1; i >= 0 && at < length; i--)
        {
            at += _slices[i].Length;
            span.Add(_slices[i]);
        }

        return span.ToRise(1);
    }

    /// <summary>The latest stretches of 8, 16, 32 and so on intervals, and of all that are kept, each with its length; the shortest first.</summary>
    public IEnumerable<(LatencyRise Rise, TimeSpan Length)> Stretches(double worth)
    {
        var (span, length, next) = (new LatencySpan(measure.Bounds), TimeSpan.Zero, LeastIntervals);
        for (var i = _slices.Count - 1; i >= 0; i--)
        {
            span.Add(_slices[i]);
            length += _slices[i].Length;
            if (span.Intervals < LeastIntervals || (span.Intervals < next && i > 0))
            {
                continue;
            }

            next = span.Intervals * 2;
            yield return (span.ToRise(worth)!, length);
        }
    }

    private void Forget()
    {
        var cold = TimeSpan.Zero;
        while (_slices.Count > 0 && cold < Cold)
        {
            cold += _slices[0].Length;
            _slices.RemoveAt(0);
        }

        _whole = new LatencySpan(measure.Bounds);
        _slices.ForEach(_whole.Add);
    }
}
