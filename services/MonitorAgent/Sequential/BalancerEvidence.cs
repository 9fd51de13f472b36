using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Evidence that requests on Y end in one bad way more often than on X, as load balancers saw it.</summary>
/// <remarks>Both sides come from the same reading of the same process: neither lags behind the other.</remarks>
public sealed class BalancerEvidence
{
    // Nothing seen yet is taken for this: half a hit in five hundred. Older knowledge fades.
    private const double PriorHits = 0.5;
    private const double PriorTrials = 500;
    private const double LeastRate = 1e-5;
    private const double MostRate = 0.98;
    private static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(5);

    private readonly RiseEvidence _evidence = new(RiseStakes.Answers);
    private readonly Burstiness _burstiness;
    private readonly double _needed;
    private readonly double? _bound;
    private (double Hits, double Trials) _known = (PriorHits, PriorTrials);

    /// <summary>Begins without evidence.</summary>
    /// <param name="kind">What is a hit.</param>
    /// <param name="alpha">The chance of a false alarm by all kinds over the watch, above 0, below 1.</param>
    /// <param name="reference">What is remembered of X; null when nothing is.</param>
    public BalancerEvidence(BalancerKind kind, double alpha, Reference? reference)
    {
        (Kind, _needed) = (kind, -Math.Log(alpha * kind.Part * (1 - AlphaBudget.OfBound)));
        _burstiness = new Burstiness(reference?.Scatters.GetValueOrDefault(kind.Name) ?? default);
        if (reference?.Balancer is { } x && kind.Of(x) is { Trials: > 0 } seen)
        {
            _known = (PriorHits + seen.Hits, PriorTrials + seen.Trials);
            _bound = BinomialTail.HighestRate((long)Math.Ceiling(seen.Hits), (long)Math.Floor(seen.Trials), alpha * kind.Part * AlphaBudget.OfBound);
        }
    }

    /// <summary>What is a hit.</summary>
    public BalancerKind Kind { get; }

    /// <summary>Whether the evidence suffices now.</summary>
    public bool Suffices => _evidence.Suffices(_needed);

    /// <summary>How bursty the hits on X are, as far as it is known.</summary>
    public Scatter Scatter => _burstiness.Scatter;

    /// <summary>Takes what was seen in an interval.</summary>
    /// <param name="seen">What was seen.</param>
    /// <param name="length">Length of the interval.</param>
    /// <param name="bothServe">Whether clients are on X; otherwise Y is compared with what is remembered of it.</param>
    public void Add(BalancerMoment seen, TimeSpan length, bool bothServe)
    {
        var (hitsY, trialsY) = Kind.Of(seen.Y);
        if (!bothServe)
        {
            if (_bound is { } bound)
            {
                _evidence.Add([new RateBlock(0, 0, hitsY, trialsY, bound, bound)], length, _burstiness.Share);
            }

            return;
        }

        var (hitsX, trialsX) = Kind.Of(seen.X);
        var expected = Math.Clamp(_known.Hits / _known.Trials, LeastRate, MostRate);
        _evidence.Add([new RateBlock(hitsX, trialsX, hitsY, trialsY, expected)], length, _burstiness.Share);
        _burstiness.Add(hitsX, trialsX);
        var kept = Math.Pow(2, -(length / HalfLife));
        _known = ((_known.Hits * kept) + hitsX, (_known.Trials * kept) + trialsX);
    }
}
