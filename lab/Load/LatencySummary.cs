namespace KongUpgradeMesh.Lab.Load;

/// <summary>Latencies in milliseconds; zero when there were no requests. Percentiles are exact to five percent.</summary>
public sealed record LatencySummary(double P50, double P95, double P99, double Max);
