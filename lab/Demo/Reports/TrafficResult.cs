namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>Where the clients' requests went.</summary>
/// <param name="FinalShareY">Share of cluster Y in the last two seconds, 0 to 1; null when there were no requests.</param>
/// <param name="Steps">Every split that was in force.</param>
public sealed record TrafficResult(double? FinalShareY, IReadOnlyList<TrafficStepResult> Steps);
