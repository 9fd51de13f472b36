using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.DeployAgent.Executables;

/// <summary>The end of what a program said, fit to be shown to people.</summary>
internal static class ProgramTail
{
    private const int Lines = 20;
    private const int LineLength = 400;

    // Shorter values ("on", "5432") would blacken half of every text and are no secrets.
    private const int LeastSecretLength = 6;

    /// <summary>The last lines of error and output, without the values of variables whose name or origin marks them as secret.</summary>
    public static IReadOnlyList<string> Of(ProgramResult result, IEnumerable<string> secrets)
    {
        var text = string.Join('\n', result.Output.TrimEnd(), result.Error.TrimEnd());
        foreach (var secret in secrets.Where(static s => s.Length >= LeastSecretLength).OrderByDescending(static s => s.Length))
        {
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        }

        return
        [
            $"exit code {result.ExitCode}",
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .TakeLast(Lines)
                .Select(static l => l.Length > LineLength ? l[..LineLength] : l),
        ];
    }
}
