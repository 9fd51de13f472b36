using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Kong.Restoring;

/// <summary>Proves that a database is what was dumped, without the fence, and gathers its statistics.</summary>
internal static class RestoredDatabase
{
    private const int AnalyzeSeconds = 30 * 60;

    public static async Task VerifyAsync(KongDatabase database, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAdminAsync(cancellationToken);
        try
        {
            await EnsureNoFenceAsync(connection, database, cancellationToken);
            await EnsureMigrationsAsync(connection, database, manifest, cancellationToken);
            var scope = manifest.Scope.Complete;
            var seen = await ConfigurationFingerprinter.TakeAsync(connection, manifest.Schema, scope, cancellationToken);
            if (ConfigurationFingerprinter.Compare(manifest.CompleteFingerprint, seen) is { Count: > 0 } differing)
            {
                throw RestoreFailures.Differs(database, [.. differing.Select(static t => "table " + t)]);
            }

            await using var analyze = new NpgsqlCommand("ANALYZE", connection) { CommandTimeout = AnalyzeSeconds };
            await analyze.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, database.ToString());
        }
    }

    private static async Task EnsureNoFenceAsync(NpgsqlConnection connection, KongDatabase database, CancellationToken cancellationToken)
    {
        var left = await RestoredRemains.FindAsync(connection, cancellationToken);
        if (left.Count > 0)
        {
            throw RestoreFailures.Fenced(database, left);
        }
    }

    private static async Task EnsureMigrationsAsync(NpgsqlConnection connection, KongDatabase database, BackupManifest manifest, CancellationToken cancellationToken)
    {
        var seen = (await MigrationState.ReadAsync(connection, manifest.Schema, cancellationToken)).ToDictionary(static m => m.Subsystem, static m => m.LastExecuted, StringComparer.Ordinal);
        var differing = manifest.Migrations.Where(m => !seen.TryGetValue(m.Subsystem, out var last) || last != m.LastExecuted).Select(static m => "migrations of " + m.Subsystem).ToArray();
        if (differing.Length > 0 || seen.Count != manifest.Migrations.Count)
        {
            throw RestoreFailures.Differs(database, differing is [] ? ["schema_meta has other subsystems"] : differing);
        }
    }
}
