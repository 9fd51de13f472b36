namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>A quantile on both sides, read between the bounds of the histogram as Prometheus does. Milliseconds.</summary>
/// <param name="Share">Share of requests that are no slower, 0 to 1.</param>
/// <param name="X">On X.</param>
/// <param name="Y">On Y.</param>
/// <param name="Low">The lowest difference that the band on Y's distribution function leaves possible.</param>
public readonly record struct LatencyQuantile(double Share, double X, double Y, double Low);
