namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>Two shares of requests, and whether the second is worse beyond the permitted rise and beyond luck.</summary>
/// <param name="RateX">Share on X, 0 to 1, for Y's mix of routes.</param>
/// <param name="RequestsX">Requests on X.</param>
/// <param name="RateY">Share on Y, 0 to 1.</param>
/// <param name="RequestsY">Requests on Y.</param>
/// <param name="IsOver">Whether the rise is larger than permitted.</param>
/// <param name="Luck">If both sides had the same rate, the chance of so many or more on Y; 0 to 1.</param>
public sealed record RateComparison(double RateX, double RequestsX, double RateY, double RequestsY, bool IsOver, double Luck)
{
    // A rise that equal sides would show as often as this is no ground for suspicion.
    private const double Ordinary = 0.01;

    // One window of twenty may hold a healthy step for a moment; a rarer one would let pass what has just begun.
    private const double OrdinaryWindow = 0.05;

    // How many requests a route needs before its own rate counts more than the cluster's.
    private const double RouteShrinkage = 5;

    /// <summary>Whether the rise is larger than permitted and luck cannot explain it.</summary>
    public bool IsWorse => IsOver && Luck < BinomialTail.Luck;

    /// <summary>Whether luck explains the rise easily.</summary>
    public bool IsOrdinary => Luck >= Ordinary;

    /// <summary>Whether luck explains the rise of one window among the many of a step.</summary>
    public bool IsOrdinaryWindow => Luck >= OrdinaryWindow;

    /// <summary>Compares; null when either side has fewer than <paramref name="minimum"/> requests.</summary>
    public static RateComparison? Of(TrafficTally x, TrafficTally y, AnswerKind kind, double permittedRise, int minimum)
    {
        // A minimum of zero would make a verdict out of nothing.
        var least = Math.Max(1, minimum);
        if (x.Total < least || y.Total < least)
        {
            return null;
        }

        return Of(ExpectedRate(x, y, kind), x.Total, y.Count(kind), y.Total, permittedRise);
    }

    /// <summary>Compares counts.</summary>
    public static RateComparison Of(double rateX, double requestsX, double hitsY, double requestsY, double permittedRise)
    {
        var rateY = hitsY / requestsY;
        return new RateComparison(rateX, requestsX, rateY, requestsY, rateY - rateX > permittedRise, LuckOf(rateX * requestsX, requestsX, hitsY, requestsY));
    }

    // If both sides had the same rate, each hit would fall on Y with Y's share of the requests.
    private static double LuckOf(double hitsX, double requestsX, double hitsY, double requestsY)
    {
        var onY = (long)Math.Floor(hitsY);
        return BinomialTail.AtLeast(onY, onY + (long)Math.Ceiling(hitsX - 1e-6), requestsY / (requestsX + requestsY));
    }

    private static double ExpectedRate(TrafficTally x, TrafficTally y, AnswerKind kind)
    {
        var overall = x.Count(kind) / x.Total;
        var routes = new Dictionary<(string, string), (double Hits, double Requests)>();
        foreach (var (key, count) in x.Requests)
        {
            var (hits, requests) = routes.GetValueOrDefault((key.Service, key.Route));
            routes[(key.Service, key.Route)] = (hits + (kind.Includes(key) ? count : 0), requests + count);
        }

        var expected = 0.0;
        foreach (var (key, count) in y.Requests)
        {
            var (hits, requests) = routes.GetValueOrDefault((key.Service, key.Route));
            expected += count * (hits + (RouteShrinkage * overall)) / (requests + RouteShrinkage);
        }

        return expected / y.Total;
    }
}
