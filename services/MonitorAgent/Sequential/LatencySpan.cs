namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Intervals added up: means with the scatter of the intervals, and both distribution functions.</summary>
/// <param name="bounds">Bounds of the buckets; empty for the mean alone.</param>
internal sealed class LatencySpan(double[] bounds)
{
    // The band at one look, in standard errors. Whether there is a difference at all is the business of the evidence; this only says how large it is at least.
    private const double StandardErrors = 2.4;

    // So few intervals know little of their own scatter (as Student's t), the less the more skewed the latencies are.
    private const double FewIntervals = 10;
    private static readonly double[] Shares = [0.5, 0.9, 0.99];

    private readonly double[] _withinX = new double[bounds.Length];
    private readonly double[] _withinY = new double[bounds.Length];
    private double _weight;
    private double _weightOfBuckets;
    private double _x;
    private double _difference;
    private double _squaredWeights;
    private double _squaredDifferences;
    private double _mixed;
    private double _requestsX;
    private double _requestsY;

    /// <summary>Intervals in which both sides had requests.</summary>
    public int Intervals { get; private set; }

    /// <summary>Takes an interval.</summary>
    public void Add(LatencySlice slice)
    {
        if (slice.Weight <= 0)
        {
            return;
        }

        var (weight, difference) = (slice.Weight, slice.MeanY - slice.MeanX);
        Intervals++;
        _weight += weight;
        _x += weight * slice.MeanX;
        _difference += weight * difference;
        _squaredWeights += weight * weight;
        _squaredDifferences += weight * weight * difference * difference;
        _mixed += weight * weight * difference;
        _requestsX += slice.RequestsX;
        _requestsY += slice.RequestsY;
        if (bounds.Length > 0 && slice.WithinX.Length == bounds.Length)
        {
            _weightOfBuckets += weight;
            for (var i = 0; i < bounds.Length; i++)
            {
                _withinX[i] += weight * slice.WithinX[i];
                _withinY[i] += weight * slice.WithinY[i];
            }
        }
    }

    /// <summary>What it amounts to; null when nothing was compared.</summary>
    /// <param name="worth">What a request is worth beside independent ones, above 0, at most 1.</param>
    public LatencyRise? ToRise(double worth)
    {
        if (Intervals == 0)
        {
            return null;
        }

        var (x, rise) = (_x / _weight, _difference / _weight);
        var squares = Math.Max(0, _squaredDifferences - (2 * rise * _mixed) + (rise * rise * _squaredWeights));
        var errors = StandardErrors * (1 + Math.Pow(FewIntervals / Intervals, 2));

        // One interval alone has no scatter: it leaves everything possible.
        var band = Intervals < 2 ? double.PositiveInfinity : errors * Math.Sqrt(squares * Intervals / (Intervals - 1)) / _weight;
        return new LatencyRise(x, x + rise, rise - band, rise + band, (long)_requestsX, (long)_requestsY)
        {
            Quantiles = _weightOfBuckets > 0 ? [.. Shares.Select(share => QuantileOf(share, errors, _weightOfBuckets * worth))] : [],
        };
    }

    private LatencyQuantile QuantileOf(double share, double errors, double requests)
    {
        var (x, y) = (Quantile(_withinX, share), Quantile(_withinY, share));
        var band = errors * Math.Sqrt(((share * (1 - share)) + (1 / requests)) / requests);
        return new LatencyQuantile(share, x, y, Quantile(_withinY, Math.Max(0, share - band)) - x);
    }

    private double Quantile(double[] within, double share)
    {
        var (wanted, below, start) = (share * _weightOfBuckets, 0.0, 0.0);
        for (var i = 0; i < within.Length; i++)
        {
            if (within[i] >= wanted)
            {
                return within[i] > below ? start + ((bounds[i] - start) * (wanted - below) / (within[i] - below)) : bounds[i];
            }

            (below, start) = (within[i], bounds[i]);
        }

        return start;
    }
}
