using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Finds and runs PostgreSQL's client programs on this host.</summary>
public sealed class PostgresTools(IProgramRunner programs)
{
    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Path of the newest program that suits a server of this major version.</summary>
    public Task<string> FindAsync(string program, int serverMajor, CancellationToken cancellationToken) =>
        PostgresPrograms.FindAsync(program, serverMajor, VersionAsync, cancellationToken);

    /// <summary>What the program prints as its version; null when it cannot be run.</summary>
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

    /// <summary>Runs a program against a database; the password travels in the environment.</summary>
    public Task<ProgramResult> RunAsync(string path, IReadOnlyList<string> arguments, KongDatabase database, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string?>(database.AdminProcessEnvironment()) { ["LC_ALL"] = "C", ["PGTZ"] = null };
        return programs.RunAsync(new ProgramCall { File = path, Arguments = arguments, Environment = environment, Timeout = timeout }, cancellationToken);
    }
}
