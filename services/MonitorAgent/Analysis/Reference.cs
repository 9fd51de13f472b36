using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>What is remembered of cluster X from before traffic moved; the measure of Y when X has no traffic left.</summary>
/// <param name="X">What X did.</param>
/// <param name="Length">Over how long.</param>
/// <param name="OtherRequestsPerSecondY">Requests a second on Y, before it had traffic, that were neither ours nor routed: other scrapers, health checks. Null when not measured.</param>
public sealed record Reference(TrafficTally X, TimeSpan Length, double? OtherRequestsPerSecondY)
{
    /// <summary>How bursty X's answers of each kind were, by the name of their indicator.</summary>
    public IReadOnlyDictionary<string, Scatter> Scatters { get; init; } = new Dictionary<string, Scatter>();

    /// <summary>How bursty X's latencies were.</summary>
    public LatencyScatter LatencyScatter { get; init; } = LatencyScatter.Unknown;

    /// <summary>What load balancers saw of X; null when none was read.</summary>
    public BalancerTally? Balancer { get; init; }

    // Older evidence fades, so that a reference of days ago does not outweigh the last hour.
    private const double MostRequests = 50_000;

    /// <summary>This and newer evidence.</summary>
    public Reference With(TrafficTally x, TimeSpan length, double? otherRequestsPerSecondY)
    {
        var keep = X.Total > MostRequests ? MostRequests / X.Total : 1;
        var sum = new TrafficTally();
        sum.Add(X, keep);
        sum.Add(x);
        return new Reference(sum, (Length * keep) + length, otherRequestsPerSecondY ?? OtherRequestsPerSecondY) { Scatters = Scatters, LatencyScatter = LatencyScatter, Balancer = Balancer };
    }
}
