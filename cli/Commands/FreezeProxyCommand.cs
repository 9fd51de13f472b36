using System.CommandLine;
using System.Net;
using KongUpgradeMesh.Cli.Proxies;
using KongUpgradeMesh.Cli.Specs;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum freeze-proxy</c>: needs no coordinator.</summary>
internal static class FreezeProxyCommand
{
    private const int LongestRetrySeconds = 86400;

    public static Command Create(SharedOptions shared)
    {
        var file = SpecOption.Create();
        var listen = new Option<string>("--listen") { Description = "Address and port where nginx listens", DefaultValueFactory = static _ => "127.0.0.1:8001" };
        var eta = new Option<string?>("--eta") { Description = "When writing will be possible again, in words, for example 'today 18:00 UTC'" };
        var retryAfter = new Option<int>("--retry-after") { Description = $"Seconds after which a client may try again, 1 to {LongestRetrySeconds}", DefaultValueFactory = static _ => 600 };
        listen.Validators.Add(static result =>
        {
            if (!IPEndPoint.TryParse(result.GetValueOrDefault<string>(), out var address) || address.Port == 0)
            {
                result.AddError("--listen must be an address and a port such as 127.0.0.1:8001");
            }
        });
        retryAfter.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > LongestRetrySeconds)
            {
                result.AddError($"--retry-after must be 1 to {LongestRetrySeconds}");
            }
        });
        return shared.Run(
            new Command("freeze-proxy", "Print an nginx configuration that answers writes to the Admin API with 423 and the reason") { file, listen, eta, retryAfter },
            async (session, parsed, cancellationToken) =>
            {
                var proxy = new FreezeProxy
                {
                    Spec = await LocalSpec.ReadAsync(parsed.GetRequiredValue(file), cancellationToken),
                    Listen = parsed.GetRequiredValue(listen),
                    Eta = parsed.GetValue(eta),
                    RetryAfter = TimeSpan.FromSeconds(parsed.GetValue(retryAfter)),
                };
                if (proxy.Spec.From.Nodes.FirstOrDefault(n => n.Admin.Authority == proxy.Listen) is { } node)
                {
                    await Console.Error.WriteLineAsync($"--listen {proxy.Listen} is the Admin API of node {node.Name} itself; name another address and lead its clients there.");
                    return ExitCodes.Usage;
                }

                session.Print(new { configuration = proxy.ToConfiguration() }, static (output, printed) => output.Write(printed.configuration));
                return ExitCodes.Done;
            });
    }
}
