using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx;

/// <summary>Runs nginx to test its configuration and to reload.</summary>
internal sealed class NginxProgram(NginxOptions options, IProgramRunner programs)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    /// <summary>Has the whole configuration tested.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> with nginx's own words.</exception>
    public async Task TestAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync(["-t"], cancellationToken);
        if (!result.Succeeded)
        {
            throw TrafficFailures.Refused("nginx -t", result.Error.Trim());
        }
    }

    /// <summary>Asks the running master to follow the configuration. Success says only that it was asked.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerUnreachable"/> when there is no master to ask.</exception>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync(["-s", "reload"], cancellationToken);
        if (!result.Succeeded)
        {
            throw TrafficFailures.Unreachable("nginx", $"-s reload ended with {result.ExitCode}: {result.Error.Trim()}");
        }
    }

    private Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) => programs.RunAsync(
        new ProgramCall { File = options.Program, Arguments = options.Configuration is { } file ? ["-c", file, .. arguments] : arguments, Timeout = Bound },
        cancellationToken);
}
