using KongUpgradeMesh.Contracts.Traffic;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>The kind of the incident at hand; null when it is only written down.</summary>
internal sealed record IncidentAnswer(TrafficIncidentKind? Kind);
