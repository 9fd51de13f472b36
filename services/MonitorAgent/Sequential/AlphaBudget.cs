using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Divides the one chance of a false alarm of a whole upgrade: first among its watches, then a watch's part among what is judged.</summary>
/// <remarks>
/// By Bonferroni's inequality the chance of any false alarm is at most the sum of the parts, whatever they have to do with one another. Parts need not be equal: a part of
/// a half costs the time in which evidence doubles, which is long where Y has few requests, and nothing worth mentioning where it has many.
/// </remarks>
/// <param name="alpha">The chance over the whole upgrade, above 0, below 1.</param>
/// <param name="watchesOfBoth">Watches while both clusters serve: of the traffic steps but the last, and of the ramps.</param>
public sealed class AlphaBudget(double alpha, int watchesOfBoth)
{
    /// <summary>Watches that may fail an upgrade while X has no traffic: the last step, the soak, and the watch afterwards.</summary>
    public const int WatchesWithoutX = 3;

    /// <summary>A watch's part for all 5xx.</summary>
    public const double ServerErrors = 0.45;

    /// <summary>A watch's part for the 5xx that the gateway makes itself.</summary>
    public const double GatewayErrors = 0.1;

    /// <summary>A watch's part for all codes that clients cause: 401, 403, 404, 413, 429 and 494.</summary>
    public const double ClientErrors = 0.15;

    /// <summary>A watch's part for requests without a route.</summary>
    public const double Unmatched = 0.1;

    /// <summary>A watch's part for latency.</summary>
    public const double Latency = 0.2;

    /// <summary>Of <see cref="ServerErrors"/> what load balancers saw, where the spec declares any: mostly the same errors, seen from the other end.</summary>
    public const double BalancerErrors = 0.1;

    /// <summary>Of what is compared with X's past, the part for the chance that the past, as far as it was seen, says too little.</summary>
    public const double OfBound = 0.1;

    // Most of it where both clusters serve: there is most to be seen, and a fault hurts fewest. With all traffic on Y a fault shows at once.
    private const double PartOfBoth = 0.9;

    private readonly int _watchesOfBoth = Math.Max(1, watchesOfBoth);

    /// <summary>The budget of an upgrade.</summary>
    public static AlphaBudget Of(UpgradeSpec spec) =>
        new(spec.Monitor.FalseAlarmChance, spec.Traffic.Steps.Count - 1 + Enumerable.Range(0, spec.Traffic.Steps.Count).Count(spec.Traffic.IsRamped));

    /// <summary>Which of the watches while both clusters serve a watch is, from 1: a ramp comes before its step.</summary>
    public static int NumberOf(WatchTraffic command)
    {
        var traffic = command.Spec.Traffic;
        var before = Math.Max(0, command.TrafficStep - 1);
        var ramped = Enumerable.Range(0, Math.Min(before, traffic.Steps.Count)).Count(traffic.IsRamped);
        return before + ramped + (command.RampFrom is null && before < traffic.Steps.Count && traffic.IsRamped(before) ? 2 : 1);
    }

    /// <summary>The part of a watch while both clusters serve; the parts of all of them fall evenly from the first to the last.</summary>
    /// <param name="number">Which of them it is, from 1.</param>
    public double OfWatchOfBoth(int number)
    {
        double left = _watchesOfBoth + 1 - Math.Clamp(number, 1, _watchesOfBoth);
        return alpha * PartOfBoth * 2 * left / (_watchesOfBoth * (_watchesOfBoth + 1.0));
    }

    /// <summary>The part of a watch while X has no traffic.</summary>
    public double OfWatchWithoutX => alpha * (1 - PartOfBoth) / WatchesWithoutX;
}
