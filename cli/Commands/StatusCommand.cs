using System.CommandLine;
using KongUpgradeMesh.Cli.Printing;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum status</c>.</summary>
internal static class StatusCommand
{
    public static Command Create(SharedOptions shared)
    {
        var upgrade = new UpgradeArgument();
        const string Description = "Show one upgrade; exit code 0 done, 1 failed, 2 rolled back, 3 waits for a person, 4 running";
        return shared.Run(new Command("status", Description) { upgrade.Argument }, async (session, parsed, cancellationToken) =>
        {
            var id = await upgrade.FindAsync(session, parsed, cancellationToken);
            var view = await session.Client.CallAsync(api => api.GetAsync(id, cancellationToken), cancellationToken);
            session.Print(view, UpgradeText.Status);
            return ExitCodes.Of(view);
        });
    }
}
