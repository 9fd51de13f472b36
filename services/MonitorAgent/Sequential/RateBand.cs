using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Where a rate, or the difference of two, may lie: bands that hold at every moment together, not only at one.</summary>
/// <remarks>
/// The mixture method of Robbins (1970) with a uniform prior: the likelihood averaged over all rates, over the likelihood under one rate, is an e-process for that rate;
/// the rates for which it has stayed below 1/alpha form the band.
/// </remarks>
/// <param name="Low">Lowest, as a share.</param>
/// <param name="High">Highest, as a share.</param>
public readonly record struct RateBand(double Low, double High)
{
    // The chance that either rate ever leaves its band.
    private const double Missed = 0.01;
    private const int Halvings = 20;

    /// <summary>The band of Y's rate less X's.</summary>
    public static RateBand Of(RateComparison comparison)
    {
        var x = Of(comparison.RateX * comparison.RequestsX, comparison.RequestsX);
        var y = Of(comparison.RateY * comparison.RequestsY, comparison.RequestsY);
        return new RateBand(y.Low - x.High, y.High - x.Low);
    }

    /// <summary>The band of one rate.</summary>
    /// <param name="hits">Hits, 0 to <paramref name="requests"/>.</param>
    /// <param name="requests">Requests.</param>
    public static RateBand Of(double hits, double requests)
    {
        if (requests <= 0)
        {
            return new RateBand(0, 1);
        }

        var (rate, misses) = (hits / requests, requests - hits);
        var mixture = LogGamma.Of(hits + 1) + LogGamma.Of(misses + 1) - LogGamma.Of(requests + 2);
        bool Holds(double p) => mixture - Log(hits, p) - Log(misses, 1 - p) < -Math.Log(Missed / 2);
        return new RateBand(Edge(rate, 0, Holds), Edge(rate, 1, Holds));
    }

    private static double Log(double count, double p) => count <= 0 ? 0 : count * Math.Log(p);

    // Between the seen rate, which is always in the band, and the end of the scale.
    private static double Edge(double inside, double outside, Func<double, bool> holds)
    {
        if (holds(outside))
        {
            return outside;
        }

        for (var i = 0; i < Halvings; i++)
        {
            var middle = (inside + outside) / 2;
            (inside, outside) = holds(middle) ? (middle, outside) : (inside, middle);
        }

        return outside;
    }
}
