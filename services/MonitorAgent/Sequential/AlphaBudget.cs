using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Divides the one chance of a false alarm of a whole upgrade: first among its watches, then a watch's part among what is judged.</summary>
/// <remarks>By Bonferroni's inequality the chance of any false alarm is at most the sum of the parts, whatever they have to do with one another.</remarks>
/// <param name="alpha">The chance over the whole upgrade, above 0, below 1.</param>
/// <param name="stepsOfBoth">Watches while both clusters serve: of the traffic steps but the last, and of the ramps.</param>
public sealed class AlphaBudget(double alpha, int stepsOfBoth)
{
    /// <summary>Watches that may fail an upgrade while X has no traffic: the last step, the soak, and the watch afterwards.</summary>
    public const int WatchesWithoutX = 3;

    /// <summary>A watch's part for all 5xx.</summary>
    public const double ServerErrors = 0.4;

    /// <summary>A watch's part for the 5xx that the gateway makes itself.</summary>
    public const double GatewayErrors = 0.1;

    /// <summary>A watch's part for all codes that clients cause: 401, 403, 404, 413, 429 and 494.</summary>
    public const double ClientErrors = 0.2;

    /// <summary>A watch's part for requests without a route.</summary>
    public const double Unmatched = 0.1;

    /// <summary>A watch's part for latency.</summary>
    public const double Latency = 0.2;

    /// <summary>Of <see cref="ServerErrors"/> what load balancers saw, where the spec declares any: mostly the same errors, seen from the other end.</summary>
    public const double BalancerErrors = 0.1;

    // Most of it where both clusters serve: there is most to be seen, and a fault hurts fewest.
    private const double PartOfBoth = 0.8;

    /// <summary>The budget of an upgrade.</summary>
    public static AlphaBudget Of(UpgradeSpec spec) => new(spec.Monitor.FalseAlarmChance, spec.Traffic.Steps.Count - 1 + Enumerable.Range(0, spec.Traffic.Steps.Count).Count(spec.Traffic.IsRamped));

    /// <summary>The part of one watch.</summary>
    /// <param name="bothServe">Whether X has traffic too.</param>
    public double OfWatch(bool bothServe) => bothServe ? alpha * PartOfBoth / Math.Max(1, stepsOfBoth) : alpha * (1 - PartOfBoth) / WatchesWithoutX;
}
