namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Sum and count of a latency histogram over all services and routes.</summary>
/// <param name="Milliseconds">Sum of all latencies.</param>
/// <param name="Count">Number of requests in it.</param>
public readonly record struct LatencyTotal(double Milliseconds, double Count)
{
    /// <summary>Both sums.</summary>
    public static LatencyTotal operator +(LatencyTotal left, LatencyTotal right) => Add(left, right);

    /// <summary>Both sums.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static LatencyTotal Add(LatencyTotal left, LatencyTotal right) => new(left.Milliseconds + right.Milliseconds, left.Count + right.Count);
}
