using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>Runs nginx to learn its version, to test its configuration and to reload.</summary>
internal sealed class NginxProgram(INginxHost host, string ownFile)
{
    /// <summary>The version; null when it is not told in a known way.</summary>
    public async Task<Version?> VersionAsync(CancellationToken cancellationToken) => NginxVersion.Parse((await host.RunNginxAsync(["-v"], cancellationToken)).Error);

    /// <summary>Has the whole configuration tested.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> with nginx's own words.</exception>
    public async Task TestAsync(CancellationToken cancellationToken) => Require("nginx -t", await host.RunNginxAsync(["-t"], cancellationToken));

    /// <summary>Has the whole configuration tested and told.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> with nginx's own words.</exception>
    public async Task<NginxDump> DumpAsync(CancellationToken cancellationToken)
    {
        var result = await host.RunNginxAsync(["-T"], cancellationToken);
        Require("nginx -T", result);
        return new NginxDump(result.Output, ownFile);
    }

    /// <summary>Asks the running master to follow the configuration. Success says only that it was asked.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerUnreachable"/> when there is no master to ask.</exception>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        var result = await host.RunNginxAsync(["-s", "reload"], cancellationToken);
        if (!result.Succeeded)
        {
            throw TrafficFailures.Unreachable("nginx", $"-s reload ended with {result.ExitCode}: {result.Error.Trim()}");
        }
    }

    private static void Require(string what, ProgramResult result)
    {
        if (!result.Succeeded)
        {
            throw TrafficFailures.Refused(what, result.Error.Trim());
        }
    }
}
