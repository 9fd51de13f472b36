using MassTransit;
using MassTransit.Middleware;
using MassTransit.Saga;

namespace KongUpgradeMesh.Messaging.Sagas;

/// <summary>Reads for MassTransit's test harness and administration; nothing is locked.</summary>
internal sealed class SagaReadContext<TSaga>(ISagaStore<TSaga> store, CancellationToken cancellationToken)
    : BasePipeContext(cancellationToken), LoadSagaRepositoryContext<TSaga>, QuerySagaRepositoryContext<TSaga>
    where TSaga : class, ISaga
{
    private const int MostInstances = 10_000;

    public async Task<TSaga> Load(Guid correlationId) => (await store.FindAsync(correlationId, CancellationToken))?.Saga!;

    public async Task<SagaRepositoryQueryContext<TSaga>> Query(ISagaQuery<TSaga> query, CancellationToken cancellationToken = default)
    {
        var rows = await store.ListAsync(null, MostInstances, cancellationToken);
        return new LoadedSagaRepositoryQueryContext<TSaga>(this, rows.Select(row => row.Saga).Where(query.GetFilter()));
    }
}
