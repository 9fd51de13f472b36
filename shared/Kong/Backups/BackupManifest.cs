using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Databases;

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

    /// <summary>What the fingerprints cover, as the upgrade's freeze decided; <see cref="CompleteFingerprint"/> covers rows that pass away as well.</summary>
    public FingerprintScope Scope { get; init; } = FingerprintScope.Default;

    /// <summary>Of the configuration in the dump's snapshot, within <see cref="Scope"/>.</summary>
    public required ConfigurationFingerprint Fingerprint { get; init; }

    /// <summary>With nothing left out of the same tables: rows that pass away by themselves, ACME's tables and what may drift count as well. A restored copy that nobody has served yet must match it too.</summary>
    public required ConfigurationFingerprint CompleteFingerprint { get; init; }

    /// <summary>State of Kong's migrations in the snapshot, by subsystem.</summary>
    public required IReadOnlyList<MigrationState> Migrations { get; init; }

    /// <summary>Run-time tables whose definition is in the dump, but no row.</summary>
    public required IReadOnlyList<string> TablesWithoutRows { get; init; }

    /// <summary>Whether the dump was restored into a scratch database and compared.</summary>
    public required bool RestoreTested { get; init; }

    /// <summary>The declarative copy; null when there is none, and then <see cref="Notes"/> says why.</summary>
    public DeclarativeCopy? Declarative { get; init; }

    /// <summary>Sources of custom plugins that the backup holds. Default empty.</summary>
    public IReadOnlyList<PluginSource> Plugins { get; init; } = [];

    /// <summary>Where cluster X's licence comes from; the licence itself is never in a backup. Default empty.</summary>
    public IReadOnlyList<LicenseReference> Licenses { get; init; } = [];

    /// <summary>What the backup lacks or what must be saved by hand, one sentence each, without secrets. Default empty.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>How the files are encrypted; null when they are not.</summary>
    public BackupEncryption? Encryption { get; init; }

    /// <summary>Every file of the backup but the manifest and its signature, ordered by path; sizes and digests are of the stored bytes, encrypted where <see cref="Encryption"/> says so.</summary>
    public required IReadOnlyList<BackupFile> Files { get; init; }

    /// <summary>The bytes of <c>manifest.json</c>.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads a manifest.</summary>
    /// <param name="bytes">The bytes of <c>manifest.json</c>.</param>
    /// <exception cref="JsonException">It is not a manifest of a format this code knows.</exception>
    public static BackupManifest Parse(ReadOnlySpan<byte> bytes)
    {
        var manifest = JsonSerializer.Deserialize<BackupManifest>(bytes, Json);
        return manifest is { Format: CurrentFormat } && IsName(manifest.BackupId) && manifest.Files.All(static f => f.Path.Split('/').All(IsName))
            ? manifest
            : throw new JsonException("Not a manifest of a known format.");
    }

    // Paths of a manifest are written to when a backup is fetched or decrypted: none may lead out of its directory.
    private static bool IsName(string part) => part.Length > 0 && part is not ("." or "..") && part.AsSpan().IndexOfAny('/', '\\', '\0') < 0;
}
