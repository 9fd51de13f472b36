namespace KongUpgradeMesh.Kong.Backups;

/// <summary>How the files of a backup are encrypted.</summary>
/// <param name="Algorithm">Always <see cref="FileEncryption.Algorithm"/> today.</param>
/// <param name="KeyId">Tells which key: <see cref="EncryptionKey.Id"/>.</param>
public sealed record BackupEncryption(string Algorithm, string KeyId);
