using System.CommandLine;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Kong.Restoring;

namespace KongUpgradeMesh.Cli.Commands.Backups;

/// <summary><c>kum backups restore</c>.</summary>
internal static class RestoreBackupCommand
{
    public static Command Create(SharedOptions shared)
    {
        var catalogOptions = new CatalogOptions();
        var serverOptions = new ServerOptions();
        var id = new Argument<string>("backupId") { Description = "The backup, or latest" };
        var database = new Option<string>("--to-database") { Description = "The database that is to appear; must not exist, or be empty", Required = true };
        var command = new Command("restore", "Restore a backup into a database of its own; never over the one it was taken from") { id, database };
        catalogOptions.AddTo(command);
        serverOptions.AddTo(command, isRequired: true);
        return shared.Run(command, async (session, parsed, cancellationToken) =>
        {
            using var catalog = await catalogOptions.ReadAsync(parsed, cancellationToken);
            var backup = await catalog.FindAsync(parsed.GetRequiredValue(id), cancellationToken);
            Action<string>? progress = session.IsJson ? null : stage => session.Output.WriteLine($"{stage} …");
            progress?.Invoke("verifying the backup");
            using var opened = await catalog.OpenAsync(backup, cancellationToken);
            var target = serverOptions.Database(parsed, null, parsed.GetRequiredValue(database), opened.Backup.Manifest.Schema)!;
            var request = new RestoreRequest(target, parsed.GetValue(serverOptions.Jobs), TimeSpan.FromMinutes(parsed.GetValue(serverOptions.Minutes)));
            var restorer = new BackupRestorer(new PostgresTools(new ProgramRunner(session.Clock)), session.Clock);
            var identity = await restorer.RestoreAsync(opened.Backup, request, progress, cancellationToken);
            session.Print(
                new { backup.Manifest.BackupId, Database = target.Spec.Name, Identity = identity.ToString(), backup.Manifest.CompleteFingerprint.Root },
                (output, restored) => output.WriteLine($"{target} holds exactly what {restored.BackupId} was taken from, without the write fence; statistics are up to date."));
            return ExitCodes.Done;
        });
    }
}
