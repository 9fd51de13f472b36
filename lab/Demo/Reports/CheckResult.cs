namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>One thing that was verified at the end.</summary>
/// <param name="Name">What should hold, as a sentence.</param>
/// <param name="Holds">Whether it does.</param>
/// <param name="Seen">What was seen.</param>
public sealed record CheckResult(string Name, bool Holds, string Seen);
