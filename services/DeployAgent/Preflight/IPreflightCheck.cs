using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.DeployAgent.Preflight;

/// <summary>One group of conditions of an upgrade. Reads only, on either side.</summary>
internal interface IPreflightCheck
{
    /// <summary>Adds what it finds to the report; a <see cref="StepFailedException"/> counts as one more problem.</summary>
    Task RunAsync(PreflightSubject subject, PreflightReport report, CancellationToken cancellationToken);
}
