using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Two fingerprints of one snapshot, taken in one pass over each table.</summary>
/// <param name="Lasting">With the scope that was asked for: to be compared over time.</param>
/// <param name="Complete">With <see cref="FingerprintScope.Complete"/> of that scope: to be compared with a copy of this very snapshot.</param>
public sealed record FingerprintPair(ConfigurationFingerprint Lasting, ConfigurationFingerprint Complete);
