using KongUpgradeMesh.Contracts.Upgrades;

namespace KongUpgradeMesh.Contracts.Specs.Reading;

/// <summary>What reading a spec gave: the spec, or every problem it has.</summary>
/// <param name="Spec">The spec; null when there are problems.</param>
/// <param name="Problems">Every problem with its path; empty when the spec is good.</param>
public sealed record SpecReading(UpgradeSpec? Spec, IReadOnlyList<SpecProblem> Problems);
