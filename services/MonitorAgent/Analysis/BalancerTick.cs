namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>What load balancers saw in one interval.</summary>
/// <param name="At">End of the interval, since the watch began.</param>
/// <param name="Length">Its length.</param>
/// <param name="Seen">What they saw.</param>
public sealed record BalancerTick(TimeSpan At, TimeSpan Length, BalancerMoment Seen);
