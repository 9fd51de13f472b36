using System.CommandLine;
using KongUpgradeMesh.Cli.Events;
using KongUpgradeMesh.Cli.Live;
using Spectre.Console;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum watch</c>.</summary>
internal static class WatchCommand
{
    public static Command Create(SharedOptions shared)
    {
        var upgrade = new UpgradeArgument();
        var plain = new Option<bool>("--plain") { Description = "One line a fact, also on a terminal" };
        const string Description = "Watch an upgrade until it ends; the exit code is that of status";
        return shared.Run(new Command("watch", Description) { upgrade.Argument, plain }, async (session, parsed, cancellationToken) =>
            await WatchAsync(session, await upgrade.FindAsync(session, parsed, cancellationToken), parsed.GetValue(plain), cancellationToken));
    }

    /// <summary>Watches to the end: live on a terminal, otherwise as lines.</summary>
    public static async Task<int> WatchAsync(Session session, Guid upgradeId, bool isPlain, CancellationToken cancellationToken)
    {
        var follower = new UpgradeFollower(session.Client, session.Clock);
        if (session.IsJson)
        {
            return ExitCodes.Of(await follower.FollowAsync(upgradeId, new JsonLinesView(session.Output), cancellationToken));
        }

        if (isPlain || Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi)
        {
            return ExitCodes.Of(await follower.FollowAsync(upgradeId, new PlainView(session.Output, session.Clock), cancellationToken));
        }

        var view = new LiveView(session.Clock);
        var following = follower.FollowAsync(upgradeId, view, cancellationToken);
        return ExitCodes.Of(await LiveScreen.RunAsync(AnsiConsole.Console, view, following, session.Clock, cancellationToken));
    }
}
