using System.CommandLine;
using KongUpgradeMesh.Cli.Printing;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum agents</c>.</summary>
internal static class AgentsCommand
{
    public static Command Create(SharedOptions shared) =>
        shared.Run(new Command("agents", "List the agents and whether they are alive"), async (session, _, cancellationToken) =>
        {
            var agents = await session.Client.CallAsync(api => api.AgentsAsync(cancellationToken), cancellationToken);
            session.Print(agents, UpgradeText.Agents);
            return ExitCodes.Done;
        });
}
