using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Restoring;

/// <summary>Proves that a restored database is what was dumped, without the fence.</summary>
internal static class RestoredCopy
{
    private static readonly TimeSpan AnalyzeTime = TimeSpan.FromMinutes(30);

    /// <returns>The copy's fingerprint, equal to <paramref name="expected"/>.</returns>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.RestoreFailed"/> or <see cref="FailureCodes.FingerprintMismatch"/>.</exception>
    public static async Task<ConfigurationFingerprint> VerifyAsync(
        KongDatabase database, FreezeSpec freeze, ConfigurationFingerprint expected, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            await EnsureNoFenceAsync(connection, database, cancellationToken);
            await connection.ExecuteWithinAsync("ANALYZE", AnalyzeTime, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, database.ToString());
        }

        var fingerprints = await ConfigurationFingerprinter.TakePairAsync(connection, database.Schema, FingerprintScope.Of(freeze), cancellationToken);
        EnsureEqual(expected, fingerprints.Lasting, "the frozen configuration");
        EnsureEqual(manifest.CompleteFingerprint, fingerprints.Complete, "the dump");
        return fingerprints.Lasting;
    }

    private static async Task EnsureNoFenceAsync(NpgsqlConnection connection, KongDatabase database, CancellationToken cancellationToken)
    {
        var left = await RestoredRemains.FindAsync(connection, cancellationToken);
        if (left.Count > 0)
        {
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.RestoreFailed,
                Message = $"The write fence or a write journal of cluster X was restored into {database}; migrations would fail on a fence.",
                Remedy = "Start a new upgrade, which takes a new backup; cluster X is untouched.",
                Details = left,
            });
        }
    }

    private static void EnsureEqual(ConfigurationFingerprint expected, ConfigurationFingerprint seen, string what)
    {
        if (expected.Root != seen.Root)
        {
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.FingerprintMismatch,
                Message = $"The restored copy is not equal to {what}.",
                Remedy = "kum retry restores again; if it fails again, roll back and report the tables below.",
                Details = [.. ConfigurationFingerprinter.Compare(expected, seen).Select(static t => "table " + t)],
            });
        }
    }
}
