namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>How much more the hits of neighbouring intervals differ on X than independent requests would: errors that come in bursts are worth less each.</summary>
/// <remarks>
/// The squared differences of neighbours are summed and divided by what independent requests would give: 1 for those, about the size of a burst for bursts.
/// Neighbours only, so that a rate that changes for both sides does not count as burstiness. What chance alone does to the sum, two standard errors, is not held against the evidence.
/// </remarks>
/// <param name="before">What was known before; of a new upgrade nothing.</param>
public sealed class Burstiness(Scatter before)
{
    // So many independent hits are taken as seen beforehand.
    private const double Prior = 10;
    private double _squares = before.Squares;
    private double _hits = before.Hits;
    private (double Hits, double Requests) _last;

    /// <summary>What is known now.</summary>
    public Scatter Scatter => new(_squares, _hits);

    /// <summary>The share of evidence that counts, above 0, at most 1.</summary>
    public double Share
    {
        get
        {
            var hits = _hits + Prior;
            return Math.Min(1, (hits + (2 * Math.Sqrt(2 * hits))) / (_squares + Prior));
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
        var rate = (hits + lastHits) / (requests + lastRequests);
        if (lastRequests <= 0 || rate is <= 0 or >= 1)
        {
            return;
        }

        var difference = (hits / requests) - (lastHits / lastRequests);
        _squares += difference * difference * requests * lastRequests;
        _hits += (hits + lastHits) * (1 - rate);
    }
}
