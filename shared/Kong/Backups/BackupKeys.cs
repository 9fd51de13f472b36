using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>The keys that a host has for the backups of a cluster.</summary>
/// <param name="Signing">Proves manifests; null accepts unproven ones.</param>
/// <param name="Encryption">Opens encrypted files; null opens only clear ones.</param>
public sealed record BackupKeys(ManifestKey? Signing, EncryptionKey? Encryption) : IDisposable
{
    /// <summary>No key at all.</summary>
    public static BackupKeys None { get; } = new(null, null);

    /// <summary>The keys that a spec refers to.</summary>
    /// <param name="spec">Where the references are.</param>
    /// <param name="resolveSecret">Turns a reference into the secret; its exceptions pass through.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SecretNotFound"/> when one is no key.</exception>
    public static BackupKeys Of(BackupSpec spec, Func<string, string> resolveSecret) => new(
        spec.SigningKey is { } signing ? ManifestKey.Parse(resolveSecret(signing)) : null,
        spec.EncryptionKey is { } encryption ? EncryptionKey.Parse(resolveSecret(encryption)) : null);

    /// <inheritdoc/>
    public void Dispose() => Signing?.Dispose();
}
