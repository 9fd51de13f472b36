namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>Who holds a cluster after a try to take it; carried from the try to the branch that depends on it.</summary>
/// <param name="Holder">The other upgrade that holds it; null when it was taken.</param>
internal sealed record ClusterLockAnswer(Guid? Holder);
