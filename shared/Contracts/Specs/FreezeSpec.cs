namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>How configuration writes are stopped.</summary>
public sealed record FreezeSpec
{
    /// <summary>What is done about tables that are neither known configuration nor known run-time state. Default <see cref="UnknownTableChoice.Leave"/>.</summary>
    public UnknownTableChoice UnknownTables { get; init; } = UnknownTableChoice.Leave;

    /// <summary>How long open writing transactions may take to end. Default 30 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the fence waits for each table's lock before it gives way and tries again. Default 500 milliseconds.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether <c>certificates</c> and <c>snis</c> stay writable for the ACME plugin. Both are then left out of every fingerprint, and what ACME issues on cluster X after the backup is missing on cluster Y. Default false: renewals wait until the end of the freeze.</summary>
    public bool AllowAcmeWrites { get; init; } = false;

    /// <summary>How long configuration writes on cluster Y are recorded once they are allowed again, so that a return to cluster X can be judged. 0 to 30 days; 0 records nothing. Default 24 hours.</summary>
    public TimeSpan JournalFor { get; init; } = TimeSpan.FromHours(24);
}
