using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Cli.Commands.Backups;

/// <summary>What verifying a backup came to.</summary>
/// <param name="BackupId">The backup.</param>
/// <param name="SignatureProven">Whether a key was given and the signature is that key's.</param>
/// <param name="Restored">Whether it was restored into a scratch database and compared just now.</param>
/// <param name="Failure">What is wrong; null when nothing is.</param>
internal sealed record VerifiedBackup(string BackupId, bool SignatureProven, bool Restored, Failure? Failure);
