namespace KongUpgradeMesh.Cli.Live;

/// <summary>Where a phase stands.</summary>
public enum PhaseState
{
    /// <summary>Not reached.</summary>
    Pending,

    /// <summary>Being worked on.</summary>
    Running,

    /// <summary>Waits for a person.</summary>
    Waiting,

    /// <summary>Behind us.</summary>
    Done,

    /// <summary>What failed, or what was left for a rollback.</summary>
    Failed,
}
