using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>The judgement of one moment.</summary>
/// <param name="Verdict">The worst of all findings.</param>
/// <param name="Findings">One or more of each indicator, the worst first.</param>
/// <param name="BreachFor">For a failed verdict: from the first bad sample to the verdict; zero otherwise.</param>
public sealed record Judgement(Verdict Verdict, IReadOnlyList<VerdictFinding> Findings, TimeSpan BreachFor);
