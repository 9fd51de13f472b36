using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Judging;

/// <summary>A verdict and when it fell.</summary>
/// <param name="At">Since the watch began.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Evidence">What it was reached by; null when that is not known any more.</param>
/// <param name="Last">The last judgement of the recording, where this verdict is its last; null otherwise.</param>
internal sealed record ReplayVerdict(TimeSpan At, Verdict Verdict, Judgement? Evidence, Judgement? Last = null);
