namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>What all declared load balancers together saw in one interval.</summary>
/// <param name="X">Of cluster X.</param>
/// <param name="Y">Of cluster Y.</param>
/// <param name="ReadAt">When the one that was read longest ago was read, since the watch began; null while one was never read.</param>
/// <param name="Problem">What was wrong with a reading that failed, for people; null when nothing was.</param>
public sealed record BalancerMoment(BalancerTally X, BalancerTally Y, TimeSpan? ReadAt, string? Problem);
