namespace KongUpgradeMesh.DeployAgent.Migrating;

/// <summary>What <c>kong migrations list</c> says by its exit code, which is the only answer that can be trusted.</summary>
internal enum MigrationState
{
    /// <summary>Nothing is left to do.</summary>
    Done = 0,

    /// <summary>The database holds no Kong at all.</summary>
    NeedsBootstrap = 3,

    /// <summary><c>up</c> was run, <c>finish</c> is due.</summary>
    NeedsFinish = 4,

    /// <summary><c>up</c> is due.</summary>
    NeedsUp = 5,

    /// <summary>Any other exit code: no answer.</summary>
    Unknown = -1,
}
