namespace KongUpgradeMesh.DeployAgent.Entities;

/// <summary>Membership of a consumer in a group of the <c>acl</c> plugin.</summary>
internal sealed record AclEntity(Guid ConsumerId, string Group);
