using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Executables;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Preflight;

/// <summary>Both executables are installed and of the versions that the spec says.</summary>
internal sealed class ExecutablesCheck(IProgramRunner programs) : IPreflightCheck
{
    public async Task RunAsync(PreflightSubject subject, PreflightReport report, CancellationToken cancellationToken)
    {
        await CheckAsync(subject.Spec.From, subject.From, "X", report, cancellationToken);
        await CheckAsync(subject.Spec.To, subject.To, "Y", report, cancellationToken);
    }

    private async Task CheckAsync(ClusterSpec cluster, KongVersion expected, string side, PreflightReport report, CancellationToken cancellationToken)
    {
        var executable = new KongExecutable(programs, cluster.Deployment);
        try
        {
            var seen = await executable.VersionAsync(cancellationToken);
            report.Fact($"executable of {side}", $"{executable.Path} {seen}");
            if (seen != expected)
            {
                report.Problem(FailureCodes.VersionMismatch, $"{executable.Path} is {seen?.ToString() ?? "no Kong that tells its version"}, the spec says {expected} for cluster {side}.", "Install that version, or correct the path or the version.");
            }
        }
        catch (StepFailedException exception)
        {
            report.Problem(exception.Failure);
        }
    }
}
