using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>One interval and what was said of it at the time.</summary>
/// <param name="Tick">The interval.</param>
/// <param name="Verdict">The verdict that was reached then.</param>
public sealed record RecordedTick(WatchTick Tick, Verdict Verdict);
