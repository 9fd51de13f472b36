namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>How configuration writes are stopped.</summary>
public sealed record FreezeSpec
{
    /// <summary>What is done about tables that are neither known configuration nor known run-time state. Default <see cref="UnknownTableChoice.Leave"/>.</summary>
    public UnknownTableChoice UnknownTables { get; init; } = UnknownTableChoice.Leave;

    /// <summary>How long open writing transactions may take to end. Default 30 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one try to put up or remove the fence may hold other sessions up, all tables together, before it gives way and tries again. Beyond the server's <c>deadlock_timeout</c> that one counts. Default 500 milliseconds.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether <c>certificates</c> and <c>snis</c> stay writable for the ACME plugin. Both are then left out of every fingerprint that is compared over time, and what ACME issues on cluster X after the backup is missing on cluster Y. Default false: renewals wait until the end of the freeze.</summary>
    public bool AllowAcmeWrites { get; init; } = false;

    /// <summary>
    /// Tables (<c>consumers</c>) and columns (<c>consumers.custom_id</c>) whose change during the upgrade is no drift; default none.
    /// They are left out of every fingerprint that is compared over time, with the rows of <c>tags</c> that follow them: what is written there on cluster X after the backup is missing on cluster Y, and nobody is told.
    /// The write fence still stands on them, and the dump is still compared with its restored copy completely.
    /// </summary>
    public IReadOnlyList<string> AllowedDrift { get; init; } = [];

    /// <summary>How long configuration writes on cluster Y are recorded once they are allowed again, so that a return to cluster X can be judged. 0 to 30 days; 0 records nothing. Default 24 hours.</summary>
    public TimeSpan JournalFor { get; init; } = TimeSpan.FromHours(24);
}
