using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Databases;

namespace KongUpgradeMesh.Kong.Programs;

/// <summary>Finds and runs PostgreSQL's client programs on this host.</summary>
/// <param name="programs">Runs them.</param>
public sealed class PostgresTools(IProgramRunner programs)
{
    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Path of the newest program that suits a server of this major version.</summary>
    /// <param name="program">For example <c>pg_dump</c>.</param>
    /// <param name="minimumMajor">Major version of the server, or of the dump.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.ToolMissing"/>.</exception>
    public Task<string> FindAsync(string program, int minimumMajor, CancellationToken cancellationToken) =>
        PostgresPrograms.FindAsync(program, minimumMajor, VersionAsync, cancellationToken);

    /// <summary>What the program prints as its version; null when it cannot be run.</summary>
    /// <param name="path">Path of the program.</param>
    /// <param name="cancellationToken">Gives up; without it after 15 seconds.</param>
    public async Task<string?> VersionAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var result = await programs.RunAsync(new ProgramCall { File = path, Arguments = ["--version"], Timeout = VersionTimeout }, cancellationToken);
            return result.Succeeded ? result.Output.Trim() : null;
        }
        catch (StepFailedException)
        {
            return null;
        }
    }

    /// <summary>Runs a program against a database as the role that may create databases; the password travels in the environment.</summary>
    /// <param name="path">Path of the program.</param>
    /// <param name="arguments">Its arguments; never a secret.</param>
    /// <param name="database">Where it connects to.</param>
    /// <param name="timeout">How long it may run.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.ToolMissing"/> or <see cref="FailureCodes.StepTimedOut"/>.</exception>
    public Task<ProgramResult> RunAsync(string path, IReadOnlyList<string> arguments, KongDatabase database, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string?>(database.AdminProcessEnvironment()) { ["LC_ALL"] = "C", ["PGTZ"] = null };
        return programs.RunAsync(new ProgramCall { File = path, Arguments = arguments, Environment = environment, Timeout = timeout }, cancellationToken);
    }
}
