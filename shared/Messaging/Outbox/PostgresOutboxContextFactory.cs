using System.Data;
using System.Diagnostics;
using KongUpgradeMesh.Messaging.Schema;
using MassTransit;
using MassTransit.Metadata;
using MassTransit.Middleware;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>Opens the one transaction of a consumed message, notes the message in the inbox, and commits when all went well.</summary>
internal sealed class PostgresOutboxContextFactory(
    MessagingDataSource dataSource,
    InboxTable inbox,
    OutboxTable outbox,
    OutboxSignal signal,
    ISchemaMigrator schema,
    MessagingMetrics metrics,
    TimeProvider clock,
    IServiceProvider services) : IOutboxContextFactory<MessagingDataSource>
{
    public async Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        // A redelivered message has a new id; the first one identifies it. Plain JSON from other systems has none:
        // nothing tells its copies apart, so its consumer must recognise a repeat by what the message says.
        var messageId = context.GetOriginalMessageId() ?? NewId.NextGuid();
        var started = Stopwatch.GetTimestamp();
        await schema.WhenReadyAsync(context.CancellationToken);
        await using var connection = await dataSource.OpenAsync(context.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, context.CancellationToken);
        var isNew = await inbox.TryAddAsync(connection, messageId, options.ConsumerId, clock.GetUtcNow(), context.CancellationToken);
        var outboxContext = new PostgresOutboxConsumeContext<T>(context, options, services, outbox, connection, transaction, !isNew, clock);

        // Leaving without a commit rolls back.
        await next.Send(outboxContext);
        if (!isNew)
        {
            metrics.Duplicate();
            return;
        }

        try
        {
            // Once begun, a commit must not be abandoned half-way. If its answer is lost, the retry finds the inbox row.
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            await context.NotifyFaulted(Stopwatch.GetElapsedTime(started), TypeMetadataCache<T>.ShortName, exception);
            throw;
        }

        if (outboxContext.HasMessages)
        {
            signal.Set();
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("outboxContextFactory").Add("provider", "postgres");
}
