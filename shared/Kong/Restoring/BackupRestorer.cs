using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;
using Npgsql;

namespace KongUpgradeMesh.Kong.Restoring;

/// <summary>
/// Restores a backup into a database of its own, without coordinator or agents. The copy grows under a working name and gets the wanted one only when it is proven equal to what was dumped:
/// whatever ends the work before, a crash of this process included, leaves nothing that looks restored.
/// </summary>
/// <param name="tools">Finds and runs <c>pg_restore</c>.</param>
/// <param name="clock">Bounds the clearing up.</param>
public sealed class BackupRestorer(PostgresTools tools, TimeProvider clock)
{
    private static readonly TimeSpan ClearingTime = TimeSpan.FromSeconds(30);

    /// <summary>Restores, proves, and only then names the database.</summary>
    /// <param name="backup">An opened backup: verified, readable.</param>
    /// <param name="request">Where to.</param>
    /// <param name="progress">Told of each stage in a few words; null for nobody.</param>
    /// <param name="cancellationToken">Gives up, leaving nothing.</param>
    /// <returns>Identity of the restored database.</returns>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SameDatabase"/>, <see cref="FailureCodes.DatabaseNotEmpty"/>, <see cref="FailureCodes.RestoreFailed"/>, <see cref="FailureCodes.FingerprintMismatch"/> or another code of a database.</exception>
    public async Task<DatabaseIdentity> RestoreAsync(StoredBackup backup, RestoreRequest request, Action<string>? progress, CancellationToken cancellationToken)
    {
        await using var place = await RestorePlace.OccupyAsync(backup, request.Target, cancellationToken);
        try
        {
            await ProveAsync(backup, place.Working, request, progress, cancellationToken);
            progress?.Invoke($"naming the database {request.Target.Spec.Name}");
            return await place.NameAsync(cancellationToken);
        }
        catch
        {
            await ClearAsync(place);
            throw;
        }
    }

    /// <summary>Restores into a database that is dropped again, to prove that the backup can be restored.</summary>
    /// <param name="backup">An opened backup: verified, readable.</param>
    /// <param name="request">Where to; no database of that name may exist.</param>
    /// <param name="progress">Told of each stage in a few words; null for nobody.</param>
    /// <param name="cancellationToken">Gives up, leaving nothing.</param>
    /// <exception cref="StepFailedException">As for <see cref="RestoreAsync"/>.</exception>
    public async Task TestAsync(StoredBackup backup, RestoreRequest request, Action<string>? progress, CancellationToken cancellationToken)
    {
        await using var place = await RestorePlace.OccupyAsync(backup, request.Target, cancellationToken);
        try
        {
            await ProveAsync(backup, place.Working, request, progress, cancellationToken);
        }
        finally
        {
            await ClearAsync(place);
        }
    }

    private async Task ProveAsync(StoredBackup backup, KongDatabase working, RestoreRequest request, Action<string>? progress, CancellationToken cancellationToken)
    {
        progress?.Invoke("restoring the dump");
        await PlayAsync(backup, working, request, cancellationToken);
        progress?.Invoke("comparing the copy with what was dumped");
        await RestoredDatabase.VerifyAsync(working, backup.Manifest, cancellationToken);
    }

    private async Task PlayAsync(StoredBackup backup, KongDatabase working, RestoreRequest request, CancellationToken cancellationToken)
    {
        var program = await tools.FindAsync("pg_restore", PostgresPrograms.MajorOf(backup.Manifest.DumpProgram), cancellationToken);
        var result = await tools.RunAsync(
            program,
            [
                $"--dbname={working.Spec.Name}", $"--use-list={backup.RestoreList}", $"--jobs={request.Jobs}",
                "--exit-on-error", "--no-owner", "--no-privileges", "--no-password", backup.DumpDirectory,
            ],
            working,
            request.Timeout,
            cancellationToken);
        if (!result.Succeeded)
        {
            throw RestoreFailures.NotPlayed(request.Target, result);
        }
    }

    // Also after a cancelled restore, so within a limit of its own; a working database that stays is dropped by the next try.
    private async Task ClearAsync(RestorePlace place)
    {
        using var limit = new CancellationTokenSource(ClearingTime, clock);
        try
        {
            await place.DropAsync(limit.Token);
        }
        catch (Exception exception) when (exception is NpgsqlException or StepFailedException or OperationCanceledException)
        {
            // Its name says what it is; the failure that led here matters more.
        }
    }
}
