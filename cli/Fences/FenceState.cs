namespace KongUpgradeMesh.Cli.Fences;

/// <summary>How a cluster's write fence was found.</summary>
public enum FenceState
{
    /// <summary>The database could not be asked.</summary>
    Unknown,

    /// <summary>The database does not exist.</summary>
    NoDatabase,

    /// <summary>No fence stands: configuration can be written.</summary>
    None,

    /// <summary>It stands and is whole: configuration cannot be written.</summary>
    Whole,

    /// <summary>Something of it is missing, altered, or was so for a while: configuration may have been written.</summary>
    Damaged,
}
