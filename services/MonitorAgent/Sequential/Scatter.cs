namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>How far neighbouring intervals differ, summed up; see <see cref="Burstiness"/>.</summary>
/// <param name="Squares">Sum of squared differences of hits.</param>
/// <param name="Hits">What it would be on average if every hit came by itself.</param>
/// <param name="Pairs">Pairs of neighbours that were compared.</param>
/// <param name="Fourths">Sum of the same differences to the fourth power: says how well <paramref name="Squares"/> is known.</param>
public readonly record struct Scatter(double Squares, double Hits, double Pairs = 0, double Fourths = 0);
