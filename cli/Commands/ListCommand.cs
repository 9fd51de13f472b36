using System.CommandLine;
using KongUpgradeMesh.Cli.Printing;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum list</c>.</summary>
internal static class ListCommand
{
    public static Command Create(SharedOptions shared)
    {
        var active = new Option<bool>("--active") { Description = "Only upgrades that have not ended" };
        var cluster = new Option<string?>("--cluster") { Description = "Only upgrades of this cluster" };
        return shared.Run(new Command("list", "List upgrades") { active, cluster }, async (session, parsed, cancellationToken) =>
        {
            bool? onlyActive = parsed.GetValue(active) ? true : null;
            var upgrades = await session.Client.CallAsync(api => api.ListAsync(onlyActive, parsed.GetValue(cluster), cancellationToken), cancellationToken);
            session.Print(upgrades, UpgradeText.List);
            return ExitCodes.Done;
        });
    }
}
