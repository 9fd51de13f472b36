namespace KongUpgradeMesh.Coordinator.Api;

/// <summary>The open step of one lane, and who holds it (null while nobody has taken it).</summary>
internal sealed record LeaseView(
    Guid UpgradeId, string Lane, string Step, int Attempt, string Kind, string Datacenter, string? Agent, string? Activity, DateTimeOffset DispatchedAt);
