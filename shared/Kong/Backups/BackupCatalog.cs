using System.Security.Cryptography;
using System.Text.Json;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>The backups of one cluster in a directory of the backup host. A directory counts as a backup only under its final name, which it gets when everything in it is written and checked.</summary>
/// <param name="directory">The spec's backup directory.</param>
/// <param name="cluster">Name of the cluster.</param>
public sealed class BackupCatalog(string directory, string cluster)
{
    /// <summary>Directory of this cluster's backups.</summary>
    public string Root { get; } = Path.Combine(directory, cluster);

    /// <summary>Complete backups with a readable manifest, the newest first; their files are not verified.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public IReadOnlyList<StoredBackup> List()
    {
        if (!Directory.Exists(Root))
        {
            return [];
        }

        return
        [
            .. Directory.GetDirectories(Root)
                .Where(static d => !d.EndsWith(BackupLayout.PartialSuffix, StringComparison.Ordinal))
                .Select(TryRead)
                .OfType<StoredBackup>()
                .OrderByDescending(static b => b.Manifest.TakenAt)
                .ThenByDescending(static b => b.Manifest.BackupId, StringComparer.Ordinal),
        ];
    }

    /// <summary>Directories of attempts that did not end.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public IReadOnlyList<string> Partials() =>
        Directory.Exists(Root) ? Directory.GetDirectories(Root, "*" + BackupLayout.PartialSuffix) : [];

    /// <summary>As the overload with a key, without one: the signature is not looked at.</summary>
    /// <param name="location">Directory of the backup.</param>
    /// <param name="manifestDigest">Expected SHA-256 of the manifest; null accepts any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.BackupCorrupt"/>, naming the files.</exception>
    public static Task<StoredBackup> OpenAsync(string location, string? manifestDigest, CancellationToken cancellationToken) =>
        OpenAsync(location, manifestDigest, null, cancellationToken);

    /// <summary>Opens a backup and verifies the manifest's signature, that each file is as the manifest says, that none is missing and none too many.</summary>
    /// <param name="location">Directory of the backup.</param>
    /// <param name="manifestDigest">Expected SHA-256 of the manifest; null accepts any.</param>
    /// <param name="key">The key that must have signed the manifest; null accepts an unproven one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.BackupCorrupt"/>, naming the files.</exception>
    public static async Task<StoredBackup> OpenAsync(string location, string? manifestDigest, ManifestKey? key, CancellationToken cancellationToken)
    {
        var (backup, bytes) = TryReadBytes(location) ?? throw Corrupt(location, [BackupLayout.Manifest + ": missing or not readable"]);
        if (manifestDigest is not null && !string.Equals(backup.ManifestDigest, manifestDigest, StringComparison.OrdinalIgnoreCase))
        {
            throw Corrupt(location, [BackupLayout.Manifest + ": not the one that was reported"]);
        }

        if (key?.DefectOf(bytes, ReadSignature(location)) is { } unproven)
        {
            throw Corrupt(location, [$"{BackupLayout.Signature}: {unproven}"]);
        }

        var defects = new List<string>();
        foreach (var file in backup.Manifest.Files)
        {
            if (await DefectOfAsync(location, file, cancellationToken) is { } defect)
            {
                defects.Add($"{file.Path}: {defect}");
            }
        }

        var known = backup.Manifest.Files.Select(static f => f.Path).Append(BackupLayout.Manifest).Append(BackupLayout.Signature).ToHashSet(StringComparer.Ordinal);
        defects.AddRange(PathsIn(location).Where(p => !known.Contains(p)).Select(static p => $"{p}: not in the manifest"));
        return defects.Count == 0 ? backup : throw Corrupt(location, defects);
    }

    /// <summary>Digests every file below a directory, ordered by path; the manifest and its signature are left out.</summary>
    /// <param name="location">Directory of the backup.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IReadOnlyList<BackupFile>> DigestAsync(string location, CancellationToken cancellationToken)
    {
        var files = new List<BackupFile>();
        foreach (var path in PathsIn(location).Where(static p => p is not (BackupLayout.Manifest or BackupLayout.Signature)))
        {
            var full = Path.Combine(location, path);
            files.Add(new BackupFile { Path = path, Bytes = new FileInfo(full).Length, Sha256 = await Sha256Async(full, cancellationToken) });
        }

        return files;
    }

    private static async Task<string?> DefectOfAsync(string location, BackupFile file, CancellationToken cancellationToken)
    {
        var path = Path.Combine(location, file.Path);
        try
        {
            if (!File.Exists(path))
            {
                return "missing";
            }

            if (new FileInfo(path).Length != file.Bytes)
            {
                return "wrong size";
            }

            return await Sha256Async(path, cancellationToken) == file.Sha256 ? null : "wrong content";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "not readable";
        }
    }

    private static IEnumerable<string> PathsIn(string location) => Directory
        .EnumerateFiles(location, "*", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(location, f))
        .Order(StringComparer.Ordinal);

    private static async Task<string> Sha256Async(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    private static StoredBackup? TryRead(string location) => TryReadBytes(location)?.Backup;

    private static (StoredBackup Backup, byte[] Bytes)? TryReadBytes(string location)
    {
        try
        {
            var bytes = File.ReadAllBytes(Path.Combine(location, BackupLayout.Manifest));
            return (new StoredBackup(location, Convert.ToHexStringLower(SHA256.HashData(bytes)), BackupManifest.Parse(bytes)), bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static ManifestSignature? ReadSignature(string location)
    {
        try
        {
            return ManifestSignature.TryParse(File.ReadAllBytes(Path.Combine(location, BackupLayout.Signature)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static StepFailedException Corrupt(string location, IReadOnlyList<string> defects) => new(new Failure
    {
        Code = FailureCodes.BackupCorrupt,
        Message = $"The backup in {location} is not what was written there.",
        Remedy = "Check the disk of the backup host; then: kum retry, which takes a new backup.",
        Details = defects,
    });
}
