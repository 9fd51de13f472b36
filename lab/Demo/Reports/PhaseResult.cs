namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>One phase that was entered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Seconds">How long the run was in it.</param>
/// <param name="Result"><c>passed</c>, <c>rolledBack</c> (left because of a breach or a failure), <c>paused</c> or <c>unfinished</c>.</param>
public sealed record PhaseResult(string Name, double Seconds, string Result);
