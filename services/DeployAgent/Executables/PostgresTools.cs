using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.DeployAgent.Executables;

/// <summary>Finds PostgreSQL's client programs on this host.</summary>
internal sealed class PostgresTools(IProgramRunner programs)
{
    private static readonly TimeSpan VersionCall = TimeSpan.FromSeconds(15);

    /// <summary>Path of a program of at least this major version.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.ToolMissing"/>.</exception>
    public Task<string> FindAsync(string program, int minimumMajor, CancellationToken cancellationToken) =>
        PostgresPrograms.FindAsync(program, minimumMajor, VersionOfAsync, cancellationToken);

    private async Task<string?> VersionOfAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var result = await programs.RunAsync(new ProgramCall { File = path, Arguments = ["--version"], Timeout = VersionCall }, cancellationToken);
            return result.Succeeded ? result.Output : null;
        }
        catch (StepFailedException)
        {
            return null; // It cannot be run, so it is not a candidate.
        }
    }
}
