namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>How far neighbouring intervals differ, summed up; see <see cref="Burstiness"/>.</summary>
/// <param name="Squares">Sum of squared differences of hits.</param>
/// <param name="Hits">What it would be on average if every hit came by itself.</param>
public readonly record struct Scatter(double Squares, double Hits);
