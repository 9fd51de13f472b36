using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Restores a dump into a scratch database and compares it; never under the name of a database that a Kong uses.</summary>
/// <remarks>On cluster Y's server the proven copy is kept: restored once, it becomes Y's database, and X stays frozen for one restore less.</remarks>
public sealed class RestoreTest(PostgresTools tools, TimeProvider clock, ILogger<RestoreTest> logger)
{
    private static readonly TimeSpan DropLimit = TimeSpan.FromSeconds(30);

    /// <summary>Fails unless the dump in <paramref name="directory"/> restores to exactly what was dumped.</summary>
    public async Task RunAsync(TakeBackup command, string directory, DumpFacts facts, CancellationToken cancellationToken)
    {
        var upgradeId = command.Step.UpgradeId;
        var (server, isY) = await ChooseServerAsync(command.Spec, facts, cancellationToken);
        var keep = false;
        try
        {
            var scratch = await ScratchDatabase.CreateAsync(server, upgradeId, isY ? server.Spec.User : null, cancellationToken);
            await RestoreAsync(command, directory, facts, scratch, isY, cancellationToken);
            await CompareAsync(command, facts, scratch, cancellationToken);
            keep = isY;
        }
        finally
        {
            if (!keep)
            {
                await DropAsync(server, upgradeId);
            }
        }
    }

    /// <summary>Notes on the kept copy of which backup it is; without the note it is never used. Not being able to is no failure: the backup is restored again then.</summary>
    public async Task MarkCopyAsync(TakeBackup command, string backupId)
    {
        using var limit = new CancellationTokenSource(DropLimit, clock);
        try
        {
            await ScratchDatabase.MarkCopyAsync(new KongDatabase(command.Spec.To.Database, SecretReference.Resolve), command.Step.UpgradeId, backupId, limit.Token);
        }
        catch (Exception exception) when (exception is StepFailedException or OperationCanceledException)
        {
            logger.CopyNotKept(command.Step.UpgradeId, backupId, exception);
        }
    }

    // Cluster Y's server is where the dump must work; the server of X is second best, and only when Y's does not answer.
    private async Task<(KongDatabase Server, bool IsY)> ChooseServerAsync(UpgradeSpec spec, DumpFacts facts, CancellationToken cancellationToken)
    {
        var y = new KongDatabase(spec.To.Database, SecretReference.Resolve);
        try
        {
            await using var connection = await y.OpenMaintenanceAsync(cancellationToken);
            var major = connection.PostgreSqlVersion.Major;
            return major >= facts.ServerMajor ? (y, true) : throw BackupFailures.ScratchServerTooOld(y.ToString(), major, facts.ServerMajor);
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.DatabaseUnreachable)
        {
            var x = new KongDatabase(spec.From.Database, SecretReference.Resolve);
            logger.ScratchOnX(x.ToString());
            return (x, false);
        }
    }

    private async Task RestoreAsync(TakeBackup command, string directory, DumpFacts facts, KongDatabase scratch, bool isY, CancellationToken cancellationToken)
    {
        var program = await tools.FindAsync("pg_restore", PostgresPrograms.MajorOf(facts.DumpProgram), cancellationToken);
        string[] arguments =
        [
            $"--dbname={scratch.Spec.Name}",
            $"--use-list={Path.Combine(directory, BackupLayout.RestoreList)}",
            $"--jobs={command.Spec.Backup.Jobs}",
            "--exit-on-error", "--no-owner", "--no-privileges", "--no-password",
            .. isY ? new[] { $"--role={scratch.Spec.User}" } : [],
            Path.Combine(directory, BackupLayout.Dump),
        ];
        var result = await tools.RunAsync(program, arguments, scratch, command.Timeout, cancellationToken);
        if (!result.Succeeded)
        {
            logger.ProgramFailed("pg_restore", result.ExitCode, result.Error);
            throw BackupFailures.RestoreFailed(scratch.ToString(), result);
        }
    }

    private async Task CompareAsync(TakeBackup command, DumpFacts facts, KongDatabase scratch, CancellationToken cancellationToken)
    {
        await using var connection = await scratch.OpenAdminAsync(cancellationToken);
        var fence = await new WriteFence(FenceOptions.Of(command.Step.UpgradeId, scratch.Spec, command.Spec.Freeze), clock).VerifyAsync(connection, cancellationToken);
        if (fence.UpgradeId is not null || fence.TablesFenced > 0)
        {
            throw BackupFailures.FenceRestored(scratch.ToString());
        }

        var scope = FingerprintScope.Of(command.Spec.Freeze).Complete;
        var restored = await ConfigurationFingerprinter.TakeAsync(connection, scratch.Schema, scope, cancellationToken);
        if (ConfigurationFingerprinter.Compare(facts.CompleteFingerprint, restored) is { Count: > 0 } differing)
        {
            throw BackupFailures.Mismatch(scratch.ToString(), differing);
        }
    }

    // Also after a cancelled step, so within its own limit; what stays is dropped by the next try.
    private async Task DropAsync(KongDatabase server, Guid upgradeId)
    {
        using var limit = new CancellationTokenSource(DropLimit, clock);
        try
        {
            await ScratchDatabase.DropAsync(server, upgradeId, limit.Token);
        }
        catch (Exception exception) when (exception is StepFailedException or OperationCanceledException)
        {
            logger.ScratchLeft(server.ToString(), exception);
        }
    }
}
