using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers;

namespace KongUpgradeMesh.TrafficAgent.Ownership;

/// <summary>Whether the share of requests that was seen can follow from the split that is set.</summary>
/// <remarks>A share of keys, connections or resolvers is not one of requests: with Zipf-distributed traffic of 100 keys a split of 10 % carries 3 to 27 % of the requests.
/// So there only a side that sees nothing at all is judged, and only where that many keys could hardly all fall on the other one.</remarks>
public static class ShareJudgement
{
    /// <summary>Fewer requests than this say nothing.</summary>
    private const int LeastRequests = 100;

    /// <summary>Standard deviations of a request's side; beyond them lies one look in 16 000.</summary>
    private const double Sigmas = 4;

    /// <summary>Balancers round, and servers warm up.</summary>
    private const double Slack = 0.005;

    private const int LeastKeys = 50;
    private const double Unlikely = 1e-4;

    /// <summary>What contradicts the split, in words; null when nothing does.</summary>
    /// <param name="can">What the driver promises.</param>
    /// <param name="set">The split that is in force.</param>
    /// <param name="seen">What was seen of the requests.</param>
    public static string? Contradiction(DriverCapabilities can, TrafficSplit set, Verification seen)
    {
        if (seen.ShareY is not { } share || seen.Requests < LeastRequests)
        {
            return null;
        }

        var wanted = set.WeightY / 100.0;
        var contradicts = DecidesEachRequest(can)
            ? Math.Abs(share - wanted) > (Sigmas * Math.Sqrt(wanted * (1 - wanted) / seen.Requests)) + Slack
            : (share <= 0 && Math.Pow(1 - wanted, LeastKeys) < Unlikely) || (share >= 1 && Math.Pow(wanted, LeastKeys) < Unlikely);
        return contradicts ? $"{share:P1} of {seen.Requests} requests went to Y while {set.WeightY} % is set" : null;
    }

    /// <summary>Where to look, as far as the kind of balancer tells.</summary>
    public static string CauseOf(DriverCapabilities can) => can.Assignment switch
    {
        TrafficAssignment.PerLookup => $"clients keep what they looked up for {can.Lag.TotalSeconds:0} s and their open connections for longer, or go by another server",
        TrafficAssignment.PerConnection => "open connections (keep-alive) stay where they are and only new ones follow the split",
        _ when can.IsSticky => "either the frontend does not decide by the split, or all requests carry the same few sticky keys",
        _ => "the frontend does not decide by the split, or one side refuses requests",
    };

    private static bool DecidesEachRequest(DriverCapabilities can) => can is { IsSticky: false, Assignment: TrafficAssignment.PerRequest };
}
