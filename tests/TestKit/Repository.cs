namespace KongUpgradeMesh.TestKit;

/// <summary>Where the checkout under test lies.</summary>
public static class Repository
{
    /// <summary>The folder that holds the solution file.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "KongUpgradeMesh.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"no KongUpgradeMesh.sln above {AppContext.BaseDirectory}");
    }
}
