namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>How much more the hits of neighbouring intervals differ on X than independent requests would: errors that come in bursts are worth less each.</summary>
/// <remarks>
/// Each pair of neighbours gives Pearson's statistic for equal rates, whose mean is 1 for independent requests and about the size of a burst otherwise.
/// Neighbours only, so that a rate that changes for both sides does not count as burstiness. What chance alone does to the mean, two standard errors, is not held against the evidence.
/// </remarks>
public sealed class Burstiness
{
    // So many ordinary pairs are taken as seen beforehand.
    private const double Prior = 10;
    private double _statistics = Prior;
    private double _pairs = Prior;
    private (double Hits, double Requests) _last;

    /// <summary>The share of evidence that counts, above 0, at most 1.</summary>
    public double Share => Math.Min(1, (_pairs + (2 * Math.Sqrt(2 * _pairs))) / _statistics);

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
        _statistics += difference * difference / (rate * (1 - rate) * ((1 / requests) + (1 / lastRequests)));
        _pairs++;
    }
}
