using System.CommandLine;
using System.Globalization;
using KongUpgradeMesh.Cli.Printing;

namespace KongUpgradeMesh.Cli.Commands.Backups;

/// <summary><c>kum backups list</c>.</summary>
internal static class ListBackupsCommand
{
    public static Command Create(SharedOptions shared)
    {
        var options = new CatalogOptions();
        var command = new Command("list", "List complete backups, the newest first; their files are not verified");
        options.AddTo(command);
        return shared.Run(command, async (session, parsed, cancellationToken) =>
        {
            using var catalog = await options.ReadAsync(parsed, cancellationToken);
            session.Print((await catalog.ListAsync(cancellationToken)).Select(BackupView.Of).ToArray(), Write);
            return ExitCodes.Done;
        });
    }

    private static void Write(TextWriter output, IReadOnlyList<BackupView> backups)
    {
        if (backups.Count == 0)
        {
            output.WriteLine("No complete backup.");
            return;
        }

        var table = new TextTable("BACKUP", "TAKEN", "KONG", "POSTGRESQL", "MIB", "RESTORED", "ENCRYPTED");
        foreach (var backup in backups)
        {
            table.Add(
                backup.BackupId,
                backup.TakenAt.ToString("u", CultureInfo.InvariantCulture),
                backup.KongVersion,
                backup.ServerVersion,
                (backup.Bytes / 1024d / 1024d).ToString("0.0", CultureInfo.InvariantCulture),
                backup.RestoreTested ? "yes" : "no",
                backup.Encrypted ? "yes" : "no");
        }

        table.WriteTo(output);
        foreach (var backup in backups.Where(static b => b.Notes.Count > 0))
        {
            output.WriteLine();
            output.WriteLine(backup.BackupId);
            foreach (var note in backup.Notes)
            {
                output.WriteLine($"  {note}");
            }
        }
    }
}
