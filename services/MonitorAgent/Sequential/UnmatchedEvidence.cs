using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Evidence that requests on Y miss their route more often than on X. Kong does not count them, so they are the gap between nginx's counter and Kong's.</summary>
/// <remarks>Of Y less is counted than may have happened, since both counters lag and health checks are among them; of X rather more. So the evidence is never stronger than the truth.</remarks>
public sealed class UnmatchedEvidence
{
    /// <summary>Name under which the burstiness on X is remembered.</summary>
    public const string Name = "unmatched";

    private const double LagSeconds = 1;

    // X is charged with less lag than is possible, so that what X loses is known before what Y loses.
    private const double LagSecondsOfX = 0.5;

    // Checks may be so many more than their mean, as if they had been seen over this long.
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(10);
    private const double KnownMargin = 1.5;

    // Nothing seen yet is taken for this: half a lost request in five hundred. Older knowledge fades.
    private const double PriorHits = 0.5;
    private const double PriorRequests = 500;
    private const double LeastRate = 1e-5;
    private const double MostRate = 0.98;
    private static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(5);

    private readonly RiseEvidence _evidence = new(RiseStakes.Answers);
    private readonly LaggingCount _x = new();
    private readonly LaggingCount _y = new();
    private readonly Burstiness _burstiness;
    private readonly double _needed;
    private readonly double? _bound;
    private (double Hits, double Requests) _known = (PriorHits, PriorRequests);
    private double _lastRateX;
    private double _lastRateY;

    /// <summary>Begins without evidence.</summary>
    /// <param name="alpha">The chance of a false alarm over the watch, above 0, below 1.</param>
    /// <param name="reference">What is remembered of X; null when nothing is.</param>
    public UnmatchedEvidence(double alpha, Reference? reference)
    {
        _needed = -Math.Log(alpha * (1 - AlphaBudget.OfBound));
        _burstiness = new Burstiness(reference?.Scatters.GetValueOrDefault(Name) ?? default);
        if (reference is { X: { Total: > 0 } x })
        {
            var lost = Math.Max(0, x.Unmatched);
            _known = (PriorHits + lost, PriorRequests + x.Total + lost);
            _bound = BinomialTail.HighestRate((long)Math.Ceiling(lost), (long)Math.Floor(x.Total + lost), alpha * AlphaBudget.OfBound);
        }
    }

    /// <summary>Whether the evidence suffices now.</summary>
    public bool Suffices => _evidence.Suffices(_needed);

    /// <summary>How bursty lost requests on X are, as far as it is known.</summary>
    public Scatter Scatter => _burstiness.Scatter;

    /// <summary>Takes what both sides did in the same interval.</summary>
    /// <param name="x">What X did.</param>
    /// <param name="y">What Y did.</param>
    /// <param name="others">What is known of requests that no client sent.</param>
    /// <param name="hasTrafficX">Whether clients are on X; otherwise Y is compared with what is remembered of it.</param>
    public void Add(SideTick x, SideTick y, OtherRequests others, bool hasTrafficX)
    {
        var hitsY = _y.Add(
            y.Tally.Unmatched,
            ((KnownMargin * others.KnownPerSecond) + others.UnannouncedPerSecond) * y.Length.TotalSeconds,
            Lag(y, LagSeconds, ref _lastRateY) + others.Scatter(Gathering));
        var requestsY = y.Tally.Total + hitsY;
        if (!hasTrafficX)
        {
            if (_bound is { } bound)
            {
                _evidence.Add([new RateBlock(0, 0, hitsY, requestsY, bound, bound)], y.Length, _burstiness.Share);
            }

            return;
        }

        var hitsX = _x.Add(x.Tally.Unmatched, others.OnXPerSecond * x.Length.TotalSeconds, Lag(x, LagSecondsOfX, ref _lastRateX));
        var requestsX = x.Tally.Total + hitsX;
        var expected = Math.Clamp(_known.Hits / _known.Requests, LeastRate, MostRate);
        _evidence.Add([new RateBlock(hitsX, requestsX, hitsY, requestsY, expected)], y.Length, _burstiness.Share);
        _burstiness.Add(hitsX, requestsX);
        var kept = Math.Pow(2, -(x.Length / HalfLife));
        _known = ((_known.Hits * kept) + hitsX, (_known.Requests * kept) + requestsX);
    }

    // Between two intervals: what lags now may have come a little earlier.
    private static double Lag(SideTick tick, double seconds, ref double lastRate)
    {
        var rate = tick.Length > TimeSpan.Zero ? (tick.Tally.Total + Math.Max(0, tick.Tally.Unmatched)) / tick.Length.TotalSeconds : 0;
        var mean = lastRate > 0 ? (rate + lastRate) / 2 : rate;
        lastRate = rate;
        return mean * seconds;
    }
}
