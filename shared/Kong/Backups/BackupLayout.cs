namespace KongUpgradeMesh.Kong.Backups;

/// <summary>Names inside a backup's directory.</summary>
public static class BackupLayout
{
    /// <summary>Directory of the database dump.</summary>
    public const string Dump = "database";

    /// <summary>List of what is to be restored.</summary>
    public const string RestoreList = "restore.list";

    /// <summary>The manifest.</summary>
    public const string Manifest = "manifest.json";

    /// <summary>The detached signature of the manifest.</summary>
    public const string Signature = "manifest.sig";

    /// <summary>Directory of the declarative copy, one file for each workspace; absent when no Admin API answered.</summary>
    public const string Declarative = "declarative";

    /// <summary>Directory of nginx templates and included files; absent when there are none.</summary>
    public const string Nginx = "nginx";

    /// <summary>Directory of the sources of custom plugins, one directory for each; absent when there are none.</summary>
    public const string Plugins = "plugins";

    /// <summary>Copy of cluster X's kong.conf; absent when it has none.</summary>
    public const string Conf = "kong.conf";

    /// <summary>Variables of each node of cluster X, secrets left out.</summary>
    public const string Environment = "environment.json";

    /// <summary>End of the name of a directory that is not complete.</summary>
    public const string PartialSuffix = ".partial";
}
