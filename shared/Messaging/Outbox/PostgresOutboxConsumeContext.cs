using KongUpgradeMesh.Messaging.Scheduling;
using MassTransit;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using Npgsql;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>
/// The consumed message with its transaction. Sends are buffered, because they may come from several tasks while a
/// connection serves one; they are written together after the consumer has finished.
/// </summary>
internal sealed class PostgresOutboxConsumeContext<TMessage>(
    ConsumeContext<TMessage> context,
    OutboxConsumeOptions options,
    IServiceProvider services,
    OutboxTable outbox,
    NpgsqlConnection connection,
    NpgsqlTransaction transaction,
    bool isDuplicate,
    TimeProvider clock)
    : OutboxConsumeContextProxy<TMessage>(context, options, services), PostgresTransactionContext, IScheduledSends
    where TMessage : class
{
    private readonly IBusTopology _topology = context.GetPayload<IBusTopology>();
    private readonly Lock _lock = new();
    private readonly List<OutboxMessage> _messages = [];
    private readonly List<Guid> _cancelled = [];

    public NpgsqlConnection Connection => connection;

    public NpgsqlTransaction Transaction => transaction;

    public bool HasMessages => _messages.Count > 0;

    public override bool ContinueProcessing { get; set; } = true;

    // MassTransit drops a message that is both consumed and delivered; delivery is the dispatcher's, never ours.
    public override bool IsMessageConsumed => isDuplicate;

    public override bool IsOutboxDelivered => isDuplicate;

    public override int ReceiveCount => 1;

    public override long? LastSequenceNumber => null;

    public override Task AddSend<T>(SendContext<T> context)
    {
        var message = OutboxMessageFactory.Capture(context, _topology, clock.GetUtcNow());
        lock (_lock)
        {
            _messages.Add(message);
        }

        return Task.CompletedTask;
    }

    public void Cancel(Guid schedulingToken)
    {
        lock (_lock)
        {
            _messages.RemoveAll(message => message.SchedulingToken == schedulingToken);
            _cancelled.Add(schedulingToken);
        }
    }

    public override Task SetConsumed() =>
        _messages.Count + _cancelled.Count == 0 ? Task.CompletedTask : outbox.WriteAsync(this, _cancelled, _messages, CancellationToken);

    public override Task SetDelivered() => Task.CompletedTask;

    public override Task<List<OutboxMessageContext>> LoadOutboxMessages() => Task.FromResult(new List<OutboxMessageContext>());

    public override Task NotifyOutboxMessageDelivered(OutboxMessageContext message) => Task.CompletedTask;

    public override Task RemoveOutboxMessages() => Task.CompletedTask;
}
