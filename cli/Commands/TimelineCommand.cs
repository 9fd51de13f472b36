using System.CommandLine;
using KongUpgradeMesh.Cli.Printing;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum timeline</c>.</summary>
internal static class TimelineCommand
{
    public static Command Create(SharedOptions shared)
    {
        var upgrade = new UpgradeArgument();
        var after = new Option<long>("--after") { Description = "Only entries with a greater number" };
        return shared.Run(new Command("timeline", "Show everything that happened to an upgrade, and who caused it") { upgrade.Argument, after }, async (session, parsed, cancellationToken) =>
        {
            var id = await upgrade.FindAsync(session, parsed, cancellationToken);
            var entries = await session.Client.TimelineAsync(id, parsed.GetValue(after), cancellationToken);
            session.Print(entries, UpgradeText.Timeline);
            return ExitCodes.Done;
        });
    }
}
