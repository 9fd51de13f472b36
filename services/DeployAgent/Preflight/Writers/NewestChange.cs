namespace KongUpgradeMesh.DeployAgent.Preflight.Writers;

/// <summary>The newest change of configuration.</summary>
/// <param name="Table">Where.</param>
/// <param name="Age">How long ago, by the server's clock.</param>
internal sealed record NewestChange(string Table, TimeSpan Age);
