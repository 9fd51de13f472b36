namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>What both sides counted of one kind of traffic in one interval.</summary>
/// <param name="HitsX">Requests on X that ended in the way that is tested.</param>
/// <param name="RequestsX">All requests on X.</param>
/// <param name="HitsY">The same of Y.</param>
/// <param name="RequestsY">All requests on Y.</param>
/// <param name="Expected">The rate on X as it was known before the interval, above 0 and below 1. It steers the bets and cannot make them invalid.</param>
/// <param name="Bound">The highest rate that what is remembered of X allows, to be compared with instead of X; null compares with X in the same interval.</param>
public readonly record struct RateBlock(double HitsX, double RequestsX, double HitsY, double RequestsY, double Expected, double? Bound = null);
