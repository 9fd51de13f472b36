namespace KongUpgradeMesh.DeployAgent.Preflight.Writers;

/// <summary>A tag in use.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Entities">How many entities carry it.</param>
internal sealed record TagCount(string Tag, long Entities);
