namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>How much slower Y was than X in some stretch of time. Milliseconds.</summary>
/// <param name="MeanX">Mean on X, for Y's mix of routes.</param>
/// <param name="MeanY">Mean on Y.</param>
/// <param name="Low">The lowest difference of the means that the scatter of the intervals leaves possible.</param>
/// <param name="High">The highest.</param>
/// <param name="SamplesX">Compared requests on X.</param>
/// <param name="SamplesY">Compared requests on Y.</param>
public sealed record LatencyRise(double MeanX, double MeanY, double Low, double High, long SamplesX, long SamplesY)
{
    /// <summary>Difference of the means.</summary>
    public double Rise => MeanY - MeanX;

    /// <summary>50, 90 and 99 of 100 requests; empty without buckets.</summary>
    public IReadOnlyList<LatencyQuantile> Quantiles { get; init; } = [];
}
