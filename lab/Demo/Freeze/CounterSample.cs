using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Lab.Demo.Freeze;

/// <summary>What the rate limiters have counted in one database.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Side">Whose database.</param>
/// <param name="Sum">Sum over all counters.</param>
public sealed record CounterSample(DateTimeOffset At, ClusterSide Side, long Sum);
