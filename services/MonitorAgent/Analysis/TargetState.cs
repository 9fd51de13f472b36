using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>A target of an upstream as one node sees it.</summary>
/// <param name="Target">The target.</param>
/// <param name="Health">Its health.</param>
/// <param name="UnusedSince">Since when the node has not used it; null while it does.</param>
public sealed record TargetState(UpstreamTarget Target, TargetHealth Health, TimeSpan? UnusedSince);
