using System.Text.Json;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>What a complete backup holds; the file <c>manifest.json</c>, written last.</summary>
public sealed record BackupManifest
{
    /// <summary>The format this code writes and reads.</summary>
    public const int CurrentFormat = 2;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Version of the manifest's and the directory's layout.</summary>
    public required int Format { get; init; }

    /// <summary>Name of the backup within the cluster's catalogue.</summary>
    public required string BackupId { get; init; }

    /// <summary>The upgrade it was taken for.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Name of the cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>When the dump's snapshot was taken.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Kong's version of cluster X, as the spec says.</summary>
    public required string KongVersion { get; init; }

    /// <summary>Version of the server that was dumped, for example <c>15.18</c>.</summary>
    public required string ServerVersion { get; init; }

    /// <summary>What <c>pg_dump --version</c> printed; restoring needs <c>pg_restore</c> of at least this major version.</summary>
    public required string DumpProgram { get; init; }

    /// <summary>Physical identity of the dumped database.</summary>
    public required string DatabaseIdentity { get; init; }

    /// <summary>Schema of Kong's tables.</summary>
    public required string Schema { get; init; }

    /// <summary>Of the configuration in the dump's snapshot, with the scope of the upgrade's freeze.</summary>
    public required ConfigurationFingerprint Fingerprint { get; init; }

    /// <summary>With nothing left out of the same tables: rows that pass away by themselves, ACME's tables and what may drift count as well. A restored copy that nobody has served yet must match it too.</summary>
    public required ConfigurationFingerprint CompleteFingerprint { get; init; }

    /// <summary>State of Kong's migrations in the snapshot, by subsystem.</summary>
    public required IReadOnlyList<MigrationState> Migrations { get; init; }

    /// <summary>Run-time tables whose definition is in the dump, but no row.</summary>
    public required IReadOnlyList<string> TablesWithoutRows { get; init; }

    /// <summary>Whether the dump was restored into a scratch database and compared.</summary>
    public required bool RestoreTested { get; init; }

    /// <summary>Every other file of the backup, ordered by path.</summary>
    public required IReadOnlyList<BackupFile> Files { get; init; }

    /// <summary>The bytes of <c>manifest.json</c>.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads a manifest.</summary>
    /// <param name="bytes">The bytes of <c>manifest.json</c>.</param>
    /// <exception cref="JsonException">It is not a manifest of a format this code knows.</exception>
    public static BackupManifest Parse(ReadOnlySpan<byte> bytes)
    {
        var manifest = JsonSerializer.Deserialize<BackupManifest>(bytes, Json);
        return manifest is { Format: CurrentFormat } ? manifest : throw new JsonException("Not a manifest of a known format.");
    }
}
