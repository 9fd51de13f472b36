using System.CommandLine;
using KongUpgradeMesh.Cli.Printing;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum explain</c>.</summary>
internal static class ExplainCommand
{
    public static Command Create(SharedOptions shared)
    {
        var upgrade = new UpgradeArgument();
        return shared.Run(new Command("explain", "Say why an upgrade is where it is and what can be done") { upgrade.Argument }, async (session, parsed, cancellationToken) =>
        {
            var id = await upgrade.FindAsync(session, parsed, cancellationToken);
            var explanation = await session.Client.CallAsync(api => api.ExplainAsync(id, cancellationToken), cancellationToken);
            session.Print(explanation, UpgradeText.Explain);
            return ExitCodes.Done;
        });
    }
}
