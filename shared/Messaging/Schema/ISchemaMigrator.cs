namespace KongUpgradeMesh.Messaging.Schema;

/// <summary>Brings the tables up to date once per process start; everything that touches them waits for it.</summary>
public interface ISchemaMigrator
{
    /// <summary>Whether all scripts have run.</summary>
    bool IsReady { get; }

    /// <summary>Why the last try failed, for the health check; null while none has failed or all went well.</summary>
    string? LastError { get; }

    /// <summary>Completes when all scripts have run; waits for as long as the database is away.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task WhenReadyAsync(CancellationToken cancellationToken);
}
