namespace KongUpgradeMesh.DeployAgent.Entities;

/// <summary>A credential whose secret the database holds in the clear.</summary>
/// <param name="Plugin">The plugin that checks it: <c>key-auth</c>, <c>jwt</c> or <c>hmac-auth</c>.</param>
/// <param name="ConsumerId">Whose it is.</param>
/// <param name="Key">The key (key-auth), the value of the key claim (jwt) or the user name (hmac-auth).</param>
/// <param name="Secret">What signs; null for key-auth.</param>
/// <param name="Algorithm">Of a JWT credential, for example <c>HS256</c>; null otherwise.</param>
internal sealed record CredentialEntity(string Plugin, Guid ConsumerId, string Key, string? Secret, string? Algorithm)
{
    /// <summary>Keeps the secrets out of logs and exceptions.</summary>
    public override string ToString() => $"{Plugin} credential of consumer {ConsumerId}";
}
