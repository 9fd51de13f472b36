using MassTransit;

namespace KongUpgradeMesh.Messaging.Sagas;

/// <summary>Reads saga instances without locking them, for interfaces and reports. Sees committed rows only.</summary>
/// <typeparam name="TSaga">The saga's class.</typeparam>
public interface ISagaStore<TSaga>
    where TSaga : class, ISaga
{
    /// <summary>Reads one instance; null when there is none.</summary>
    /// <param name="correlationId">The instance's id.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="Npgsql.NpgsqlException">The database does not answer within <see cref="MessagingOptions.QueryTimeout"/>.</exception>
    /// <exception cref="TimeoutException">The schema is not there yet, because the database is away since the start.</exception>
    Task<SagaRow<TSaga>?> FindAsync(Guid correlationId, CancellationToken cancellationToken);

    /// <summary>Reads instances, the most recently changed first.</summary>
    /// <param name="states">Only instances in one of these states; null or empty: in any.</param>
    /// <param name="limit">The most that are returned, 1 to 10,000.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="Npgsql.NpgsqlException">The database does not answer within <see cref="MessagingOptions.QueryTimeout"/>.</exception>
    /// <exception cref="TimeoutException">The schema is not there yet, because the database is away since the start.</exception>
    Task<IReadOnlyList<SagaRow<TSaga>>> ListAsync(IReadOnlyCollection<string>? states, int limit, CancellationToken cancellationToken);
}
