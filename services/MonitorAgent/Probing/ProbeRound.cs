namespace KongUpgradeMesh.MonitorAgent.Probing;

/// <summary>What the nodes answered when a probe was sent to all of them at the same time.</summary>
/// <param name="Probe">The probe's name in the spec.</param>
/// <param name="ProblemX">The first node of X that did not answer as expected, and how; null when all did or X was not asked.</param>
/// <param name="ProblemY">The same of Y.</param>
public sealed record ProbeRound(string Probe, string? ProblemX, string? ProblemY);
