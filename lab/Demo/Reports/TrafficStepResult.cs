namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>One split.</summary>
/// <param name="WeightY">Percent of sticky keys on cluster Y.</param>
/// <param name="Seconds">How long it was in force.</param>
/// <param name="Requests">The clients' requests in that time.</param>
/// <param name="ShareY">Share of those that cluster Y answered, 0 to 1; null without requests.</param>
public sealed record TrafficStepResult(int WeightY, double Seconds, long Requests, double? ShareY);
