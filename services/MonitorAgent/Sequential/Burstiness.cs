namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>How much more the hits of neighbouring intervals differ on X than independent requests would: errors that come in bursts are worth less each.</summary>
/// <remarks>
/// The squared differences of neighbours are summed and divided by what independent requests would give: 1 for those, about the size of a burst for bursts.
/// Neighbours only, so that a rate that changes for both sides does not count as burstiness. What chance alone does to the sum, two standard errors, is not held against the
/// evidence. Its variance has two parts: of rare hits, whether there are any (at most twice their number); of many, how a squared difference scatters: as much as twice its
/// own square, and half as much again since neighbouring pairs share an interval. Beyond that all of it is held against the evidence, and two standard errors more:
/// of bursts that came a few times it is not known how large the next one is.
/// </remarks>
/// <param name="before">What was known before; of a new upgrade nothing.</param>
public sealed class Burstiness(Scatter before)
{
    // So many independent hits are taken as seen beforehand.
    private const double Prior = 10;
    private const double StandardErrors = 2;
    private const double VarianceOfSquares = 3;
    private double _squares = before.Squares;
    private double _hits = before.Hits;
    private double _pairs = before.Pairs;
    private double _fourths = before.Fourths;
    private (double Hits, double Requests) _last;

    /// <summary>What is known now.</summary>
    public Scatter Scatter => new(_squares, _hits, _pairs, _fourths);

    /// <summary>The share of evidence that counts, above 0, at most 1.</summary>
    public double Share
    {
        get
        {
            var hits = _hits + Prior;
            var variance = (2 * hits) + (_pairs > 0 ? VarianceOfSquares * _hits * _hits / _pairs : 0);
            return _squares + Prior <= hits + (StandardErrors * Math.Sqrt(variance)) ? 1 : hits / (_squares + Prior + (StandardErrors * Math.Sqrt(_fourths)));
        }
    }

    /// <summary>Takes an interval of X.</summary>
    /// <param name="hits">Hits in it.</param>
    /// <param name="requests">Requests in it.</param>
    public void Add(double hits, double requests)
    {
        if (requests <= 0)
        {
            return;
        }

        var (lastHits, lastRequests) = _last;
        _last = (hits, requests);
        if (lastRequests <= 0)
        {
            return;
        }

        _pairs++;
        var rate = (hits + lastHits) / (requests + lastRequests);
        if (rate is <= 0 or >= 1)
        {
            return;
        }

        var difference = (hits / requests) - (lastHits / lastRequests);
        var square = difference * difference * requests * lastRequests;
        _squares += square;
        _fourths += square * square;
        _hits += (hits + lastHits) * (1 - rate);
    }
}
