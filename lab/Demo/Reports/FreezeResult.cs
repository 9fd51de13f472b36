namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>What became of writes while the configuration was frozen.</summary>
/// <param name="Seconds">How long cluster X was frozen; null when it never was.</param>
/// <param name="BlockedWrites">Writes that were tried by the lab and refused, through the Admin API and by SQL.</param>
/// <param name="AcceptedWrites">Writes that were tried while frozen and taken; must be 0.</param>
/// <param name="Drift">Configuration tables of X that changed while frozen; null when it could not be measured.</param>
/// <param name="CountedX">What the rate limiters went on counting in X's database while it was frozen.</param>
public sealed record FreezeResult(double? Seconds, int BlockedWrites, int AcceptedWrites, int? Drift, long CountedX);
