using MassTransit;
using MassTransit.Scheduling;

namespace KongUpgradeMesh.Messaging.Scheduling;

/// <summary>Schedules by sending through the outbox with a delay: the row is the timer.</summary>
internal sealed class PostgresScheduleMessageProvider(ConsumeContext context) : IScheduleMessageProvider
{
    public async Task<ScheduledMessage<T>> ScheduleSend<T>(
        Uri destinationAddress, DateTime scheduledTime, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
        where T : class
    {
        // Without the outbox the delay would reach the broker, which has no delayed exchange and closes the connection.
        _ = ScheduledSends;
        var token = ScheduleTokenIdCache<T>.GetTokenId(message);
        var schedulePipe = new ScheduleSendPipe<T>(pipe, scheduledTime) { ScheduledMessageId = token };
        var endpoint = await context.GetSendEndpoint(destinationAddress);
        await endpoint.Send(message, schedulePipe, cancellationToken);
        return new ScheduledMessageHandle<T>(schedulePipe.ScheduledMessageId ?? token, scheduledTime, destinationAddress, message);
    }

    public Task CancelScheduledSend(Guid tokenId, CancellationToken cancellationToken)
    {
        ScheduledSends.Cancel(tokenId);
        return Task.CompletedTask;
    }

    public Task CancelScheduledSend(Uri destinationAddress, Guid tokenId, CancellationToken cancellationToken) =>
        CancelScheduledSend(tokenId, cancellationToken);

    private IScheduledSends ScheduledSends => context.TryGetPayload(out IScheduledSends? sends)
        ? sends
        : throw new ConfigurationException(
            $"a timer on {context.ReceiveContext.InputAddress} has no transaction: call {nameof(MessagingBusExtensions.UsePostgresOutbox)} on its receive endpoint.");
}
