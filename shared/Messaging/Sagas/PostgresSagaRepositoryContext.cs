using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;

namespace KongUpgradeMesh.Messaging.Sagas;

/// <summary>MassTransit's view of the saga rows while one message is consumed.</summary>
internal sealed class PostgresSagaRepositoryContext<TSaga, TMessage>(
    SagaTable<TSaga> table,
    PostgresTransactionContext transaction,
    ConsumeContext<TMessage> consumeContext,
    ISagaConsumeContextFactory<MessagingDataSource, TSaga> factory,
    MessagingDataSource dataSource) : ConsumeContextScope<TMessage>(consumeContext), SagaRepositoryContext<TSaga, TMessage>
    where TSaga : class, ISaga
    where TMessage : class
{
    private readonly ConsumeContext<TMessage> _consumeContext = consumeContext;

    // One message concerns one instance, so one version is enough.
    private int _version;

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode)
        where T : class => factory.CreateSagaConsumeContext(dataSource, consumeContext, instance, mode);

    public Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance) =>
        factory.CreateSagaConsumeContext(dataSource, _consumeContext, instance, SagaConsumeContextMode.Add);

    public async Task<SagaConsumeContext<TSaga, TMessage>> Insert(TSaga instance)
    {
        if (!await table.InsertAsync(transaction, instance, CancellationToken))
        {
            // MassTransit takes null for "exists already" and goes on to load it.
            return null!;
        }

        _version = 1;
        return await factory.CreateSagaConsumeContext(dataSource, _consumeContext, instance, SagaConsumeContextMode.Insert);
    }

    public async Task<SagaConsumeContext<TSaga, TMessage>> Load(Guid correlationId)
    {
        if (await table.LockAsync(transaction, correlationId, CancellationToken) is not var (saga, version))
        {
            // MassTransit takes null for "does not exist".
            return null!;
        }

        _version = version;
        return await factory.CreateSagaConsumeContext(dataSource, _consumeContext, saga, SagaConsumeContextMode.Load);
    }

    public async Task Save(SagaConsumeContext<TSaga> context)
    {
        if (!await table.InsertAsync(transaction, context.Saga, CancellationToken))
        {
            // Two first messages raced. The loser is retried and then finds the winner's row.
            throw new ConcurrencyException("the saga was created by another message at the same time", typeof(TSaga), context.Saga.CorrelationId);
        }
    }

    public Task Update(SagaConsumeContext<TSaga> context) => table.UpdateAsync(transaction, context.Saga, _version, CancellationToken);

    public Task Delete(SagaConsumeContext<TSaga> context) => table.DeleteAsync(transaction, context.Saga, _version, CancellationToken);

    public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<TSaga> context) => Task.CompletedTask;
}
