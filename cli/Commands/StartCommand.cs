using System.CommandLine;
using KongUpgradeMesh.Cli.Specs;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum start</c>.</summary>
internal static class StartCommand
{
    public static Command Create(SharedOptions shared)
    {
        var file = SpecOption.Create();
        var requestId = new Option<string?>("--request-id") { Description = "Your own id of this request: a repeat with the same id starts nothing" };
        var follow = new Option<bool>("--follow") { Description = "Watch the upgrade until it ends" };
        return shared.Run(new Command("start", "Start an upgrade") { file, requestId, follow }, async (session, parsed, cancellationToken) =>
        {
            var spec = await SpecFile.ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            var request = new StartUpgradeRequest
            {
                RequestId = parsed.GetValue(requestId) ?? $"kum-{Guid.NewGuid():N}",
                RequestedBy = Session.Actor,
                Spec = spec,
            };
            var accepted = await session.Client.CallAsync(api => api.StartAsync(request, cancellationToken), cancellationToken);
            if (!parsed.GetValue(follow))
            {
                session.Print(accepted, static (output, accepted) => output.WriteLine(
                    $"Upgrade {accepted.UpgradeId} of {accepted.Cluster} {(accepted.IsRepeat ? "had already been started by this request" : "has begun")}; kum watch {accepted.UpgradeId.ToString()[..8]} shows it."));
                return ExitCodes.Done;
            }

            return await WatchCommand.WatchAsync(session, accepted.UpgradeId, isPlain: false, cancellationToken);
        });
    }
}
