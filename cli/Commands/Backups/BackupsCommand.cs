using System.CommandLine;

namespace KongUpgradeMesh.Cli.Commands.Backups;

/// <summary><c>kum backups</c>: works on the backup host, without coordinator, broker or agents.</summary>
internal static class BackupsCommand
{
    public static Command Create(SharedOptions shared) => new("backups", "List, verify and restore backups on this host, without a coordinator")
    {
        ListBackupsCommand.Create(shared),
        VerifyBackupsCommand.Create(shared),
        RestoreBackupCommand.Create(shared),
    };
}
