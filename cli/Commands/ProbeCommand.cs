using System.CommandLine;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum probe</c>: a health probe for images that have no other HTTP client.</summary>
internal static class ProbeCommand
{
    public static Command Create()
    {
        var address = new Argument<string>("url") { Description = "What must answer 200" };
        var command = new Command("probe", "Exit code 0 when the address answers 200 within 5 seconds") { address };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
            try
            {
                using var response = await http.GetAsync(parsed.GetRequiredValue(address), cancellationToken);
                return response.StatusCode == System.Net.HttpStatusCode.OK ? ExitCodes.Done : ExitCodes.Failed;
            }
            catch (Exception broken) when (broken is HttpRequestException or OperationCanceledException)
            {
                return ExitCodes.Unreachable;
            }
        });
        return command;
    }
}
