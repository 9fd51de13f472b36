namespace KongUpgradeMesh.Lab.Demo.Commands;

/// <summary>Where a command keeps everything.</summary>
internal static class WorkDirectory
{
    // Unix sockets lie below it, and their paths may have about 100 characters.
    private const int Longest = 60;

    /// <summary>The given directory, or a new one below the temporary directory.</summary>
    public static string Resolve(string? given, string prefix)
    {
        var path = Path.GetFullPath(given ?? Path.Combine(Path.GetTempPath(), $"{prefix}-{Guid.NewGuid().ToString("N")[..8]}"));
        return path.Length <= Longest
            ? path
            : throw new LabException($"The work directory's path may have {Longest} characters, because sockets lie below it; {path} has {path.Length}. Choose a shorter one with --work.");
    }

    /// <summary>Refuses a directory that holds more than an earlier report: it could be anybody's, or an environment that still stands.</summary>
    public static string Unused(string directory) =>
        !Directory.Exists(directory) || Directory.EnumerateFileSystemEntries(directory).All(static e => Path.GetFileName(e) == "report")
            ? directory
            : throw new LabException($"{directory} is not empty. Remove it, or choose another one with --work.");
}
