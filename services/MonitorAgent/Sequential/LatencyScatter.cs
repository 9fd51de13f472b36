namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>How bursty the latencies of X were, to be kept from watch to watch.</summary>
/// <param name="Kong">Of <see cref="Kong.Metrics.LatencyKind.Kong"/>.</param>
/// <param name="Request">Of <see cref="Kong.Metrics.LatencyKind.Request"/>.</param>
/// <param name="Upstream">Of <see cref="Kong.Metrics.LatencyKind.Upstream"/>.</param>
public sealed record LatencyScatter(IReadOnlyList<Dispersion> Kong, IReadOnlyList<Dispersion> Request, IReadOnlyList<Dispersion> Upstream)
{
    /// <summary>Nothing is known.</summary>
    public static LatencyScatter Unknown { get; } = new([], [], []);
}
