namespace KongUpgradeMesh.Kong.Programs;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">The last 64 KiB of its standard output.</param>
/// <param name="Error">The last 64 KiB of its standard error.</param>
/// <param name="Duration">How long it ran.</param>
public sealed record ProgramResult(int ExitCode, string Output, string Error, TimeSpan Duration)
{
    /// <summary>Whether it ended with exit code 0.</summary>
    public bool Succeeded => ExitCode == 0;
}
