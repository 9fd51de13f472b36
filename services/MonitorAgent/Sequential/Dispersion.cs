namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>How far the shares of neighbouring stretches of time differ, summed up; see <see cref="Overdispersion"/>.</summary>
/// <param name="Squares">Sum of squared differences.</param>
/// <param name="Expected">What it would be on average for independent requests.</param>
/// <param name="ExpectedSquares">Sum of the squares of what was expected of each pair; says how far chance alone moves <paramref name="Squares"/>.</param>
public readonly record struct Dispersion(double Squares, double Expected, double ExpectedSquares);
