namespace KongUpgradeMesh.Lab.StandInKong.Plugins;

/// <summary>Something by which a client shows who it is.</summary>
/// <param name="Secret">Password hash or signing secret; null where the key alone counts.</param>
/// <param name="Algorithm">Signature algorithm of a JWT.</param>
/// <param name="ExpiresAt">When it stops being valid; null is never.</param>
internal sealed record Credential(Guid Id, Guid ConsumerId, string Key, string? Secret = null, string? Algorithm = null, DateTimeOffset? ExpiresAt = null);
