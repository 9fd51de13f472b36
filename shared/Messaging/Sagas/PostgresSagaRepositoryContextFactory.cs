using MassTransit;
using MassTransit.Saga;

namespace KongUpgradeMesh.Messaging.Sagas;

/// <summary>Joins saga handling to the transaction that the outbox opened for the message.</summary>
internal sealed class PostgresSagaRepositoryContextFactory<TSaga>(
    SagaTable<TSaga> table,
    ISagaStore<TSaga> store,
    ISagaConsumeContextFactory<MessagingDataSource, TSaga> factory,
    MessagingDataSource dataSource)
    : ISagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>, IQuerySagaRepositoryContextFactory<TSaga>
    where TSaga : class, ISaga
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class
    {
        if (!context.TryGetPayload(out PostgresTransactionContext? transaction))
        {
            throw new ConfigurationException(
                $"{typeof(TSaga).Name} has no transaction on {context.ReceiveContext.InputAddress}: call {nameof(MessagingBusExtensions.UsePostgresOutbox)} on its receive endpoint, after UseMessageRetry.");
        }

        return next.Send(new PostgresSagaRepositoryContext<TSaga, T>(table, transaction, context, factory, dataSource));
    }

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class =>
        throw new NotSupportedException($"{typeof(TSaga).Name} correlates {typeof(T).Name} by a query; saga rows are found by id only, so use CorrelateById.");

    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class => asyncMethod(new SagaReadContext<TSaga>(store, cancellationToken));

    public Task<T> Execute<T>(Func<QuerySagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class => asyncMethod(new SagaReadContext<TSaga>(store, cancellationToken));

    public void Probe(ProbeContext context) => context.Add("persistence", "postgres");
}
