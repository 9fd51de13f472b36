namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>All that one more judgement of a watch is made from.</summary>
/// <param name="At">End of the interval, since the watch began.</param>
/// <param name="Length">Its length.</param>
/// <param name="X">Cluster X.</param>
/// <param name="Y">Cluster Y.</param>
public sealed record WatchTick(TimeSpan At, TimeSpan Length, SideMoment X, SideMoment Y);
