namespace KongUpgradeMesh.Lab.Demo.Clusters;

/// <summary>Where the stand-in for Kong lies.</summary>
public static class StandInKong
{
    /// <summary>The default cluster X.</summary>
    public static string DefaultX => Path.Combine(BinDirectory, "kong-2.8.5");

    /// <summary>The default cluster Y.</summary>
    public static string DefaultY => Path.Combine(BinDirectory, "kong-3.4.2");

    /// <summary>Whether an executable is one of the stand-in's.</summary>
    public static bool Owns(string executable) => Path.GetFullPath(executable).StartsWith(BinDirectory + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string BinDirectory { get; } = Find();

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("KUM_LAB_BIN") is { Length: > 0 } given)
        {
            return Path.GetFullPath(given);
        }

        // Built output lies below the tree's root, however deep.
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "lab", "bin");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return Path.Combine(AppContext.BaseDirectory, "lab", "bin");
    }
}
