using System.Text.Json.Serialization;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>What is known of the rate limits, and how much a split must change their 429.</summary>
/// <remarks>
/// Of d requests of a client in a window, a limit of L accepts min(d, L) for each counter that sees them. When each counter on Y sees r times what one on X sees, the share of requests
/// that Y accepts is at least 1/r of the share that X accepts, whatever the demands of the clients are; r is the <see cref="Pressure"/>. Where it is 1 or less, Y rejects no more than X.
/// </remarks>
/// <param name="Limiters">How each active limiter counts; empty when there is none, null when they could not be read.</param>
public sealed record RateLimits(IReadOnlyList<LimitCounting>? Limiters = null)
{
    /// <summary>Nothing could be read.</summary>
    public static RateLimits Unknown { get; } = new();

    private static readonly LimitCounting[] Assumed = [LimitCounting.Cluster, LimitCounting.Node];

    /// <summary>What the explained part rests on, for people.</summary>
    [JsonIgnore]
    public string Basis => Limiters is null
        ? "limits could not be read from X's Admin API: counters of each cluster and of each node are assumed"
        : Limiters.Count == 0 ? "no rate-limiting plugin is active"
        : string.Join(", ", Limiters.Order().GroupBy(static l => l).Select(static g => $"{g.Count()} limits counted {Where(g.Key)}"));

    /// <summary>How much more a counter on Y sees than one on X: of all limiters the highest, 1 or more.</summary>
    /// <param name="nodesX">Nodes of X, 1 or more.</param>
    /// <param name="nodesY">Nodes of Y, 1 or more.</param>
    /// <param name="weightY">Percent of the traffic on Y. With 100 it is compared with X as it was before.</param>
    /// <param name="sticky">Whether a client is on one cluster only, for certain.</param>
    public double Pressure(int nodesX, int nodesY, int weightY, bool sticky)
    {
        var spread = sticky || weightY is <= 0 or >= 100 ? 1 : Math.Max(1, weightY / (100.0 - weightY));
        var perNode = (double)nodesX / nodesY;
        return (Limiters ?? Assumed).Select(counting => counting switch
        {
            LimitCounting.Cluster => spread,
            LimitCounting.Node => spread * perNode,
            _ => 1,
        }).Append(1).Max();
    }

    /// <summary>The share on Y that explains the most 429 of all that a ramp leads through: X still has some traffic until its last moment.</summary>
    /// <param name="rampFrom">Where the ramp began; null when there is none.</param>
    /// <param name="weightY">Percent of the traffic on Y, at the end of a ramp.</param>
    public static int MostOf(int? rampFrom, int weightY) => rampFrom is null ? weightY : Math.Min(weightY, 99);

    /// <summary>The highest share of 429 on Y that the split explains.</summary>
    /// <param name="rate">The share on X.</param>
    /// <param name="pressure">The pressure; 1 or less changes nothing.</param>
    public static double Under(double rate, double pressure) => pressure > 1 ? 1 - ((1 - rate) / pressure) : rate;

    private static string Where(LimitCounting counting) => counting switch
    {
        LimitCounting.BothClusters => "by both clusters together",
        LimitCounting.Cluster => "by each cluster",
        _ => "by each node",
    };
}
