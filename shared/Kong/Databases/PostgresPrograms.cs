using System.Globalization;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Finds PostgreSQL's client programs. A dump needs a program at least as new as the server; a restore one at least as new as the dump.</summary>
public static partial class PostgresPrograms
{
    private const string DebianRoot = "/usr/lib/postgresql";

    /// <summary>Path of the newest installed <paramref name="program"/> whose major version is at least <paramref name="minimumMajor"/>.</summary>
    /// <param name="program">For example <c>pg_dump</c>.</param>
    /// <param name="minimumMajor">Major version of the server, for example 15.</param>
    /// <param name="readVersion">Runs <c>PATH --version</c> and returns what it prints; null when it cannot be run. Bounded by the caller.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.ToolMissing"/>.</exception>
    public static async Task<string> FindAsync(
        string program, int minimumMajor, Func<string, CancellationToken, Task<string?>> readVersion, CancellationToken cancellationToken)
    {
        var newest = (Path: "", Major: 0);
        foreach (var path in Candidates(program))
        {
            var major = MajorOf(await readVersion(path, cancellationToken));
            if (major > newest.Major)
            {
                newest = (path, major);
            }
        }

        return newest.Major >= minimumMajor ? newest.Path : throw Missing(program, minimumMajor, newest.Major);
    }

    /// <summary>Major version in the output of <c>--version</c>; 0 when there is none.</summary>
    /// <param name="output">For example <c>pg_dump (PostgreSQL) 15.18</c>; null for none.</param>
    public static int MajorOf(string? output) =>
        output is not null && VersionNumber().Match(output) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    private static IEnumerable<string> Candidates(string program)
    {
        var versioned = Directory.Exists(DebianRoot) ? Directory.GetDirectories(DebianRoot).Select(static d => Path.Combine(d, "bin")) : [];
        var searched = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return versioned.Concat(searched).Select(d => Path.Combine(d, program)).Where(File.Exists).Distinct(StringComparer.Ordinal);
    }

    private static StepFailedException Missing(string program, int minimumMajor, int found) => new(new Failure
    {
        Code = FailureCodes.ToolMissing,
        Message = found == 0
            ? $"{program} is not installed on {Environment.MachineName}."
            : $"The newest {program} on {Environment.MachineName} is version {found}; the server needs {minimumMajor}.",
        Remedy = $"Install postgresql-client-{minimumMajor} or newer on the agent's host; then: kum retry.",
    });

    [GeneratedRegex(@"\(PostgreSQL\)\s+(\d+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionNumber();
}
