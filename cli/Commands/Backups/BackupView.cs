using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.Cli.Commands.Backups;

/// <summary>A backup as the command line shows it.</summary>
internal sealed record BackupView
{
    public required string BackupId { get; init; }

    public required string Location { get; init; }

    public required Guid UpgradeId { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    public required string KongVersion { get; init; }

    public required string ServerVersion { get; init; }

    public required long Bytes { get; init; }

    public required bool RestoreTested { get; init; }

    public required bool Encrypted { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public static BackupView Of(StoredBackup backup) => new()
    {
        BackupId = backup.Manifest.BackupId,
        Location = backup.Location,
        UpgradeId = backup.Manifest.UpgradeId,
        TakenAt = backup.Manifest.TakenAt,
        KongVersion = backup.Manifest.KongVersion,
        ServerVersion = backup.Manifest.ServerVersion,
        Bytes = backup.Bytes,
        RestoreTested = backup.Manifest.RestoreTested,
        Encrypted = backup.Manifest.Encryption is not null,
        Notes = backup.Manifest.Notes,
    };
}
