using System.Collections.Concurrent;
using System.Linq.Expressions;
using MassTransit;
using MassTransit.Middleware;
using MassTransit.Serialization;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>Gives a stored message to the broker and waits for its confirmation.</summary>
internal sealed class OutboxSender(IBus bus, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Func<Task<ISendEndpoint>>?> _publishEndpoints = new();

    /// <summary>Returns when the broker has taken the message.</summary>
    /// <exception cref="TimeoutException">It has not within <paramref name="timeout"/>; whether it will is unknown.</exception>
    public async Task SendAsync(OutboxMessage message, TimeSpan timeout)
    {
        using var bound = new CancellationTokenSource(timeout, clock);
        try
        {
            // The token alone does not bound it: a channel that is being closed may leave a send waiting for ever.
            await SendAsync(message, bound.Token).WaitAsync(timeout + (timeout / 2), clock, CancellationToken.None);
        }
        catch (OperationCanceledException exception) when (bound.IsCancellationRequested)
        {
            throw new TimeoutException($"no confirmation within {timeout}", exception);
        }
    }

    private async Task SendAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var endpoint = await EndpointAsync(message);
        await endpoint.Send(new SerializedMessageBody(), new StoredMessagePipe(message, clock), cancellationToken);
    }

    // The address of a publication names its exchange only. Asking for the publish endpoint of the type also declares
    // the bindings to the exchanges of its interfaces, without which subscribers to an interface would get nothing.
    private Task<ISendEndpoint> EndpointAsync(OutboxMessage message) =>
        message.PublishedType is { } type && _publishEndpoints.GetOrAdd(type, PublishEndpoint) is { } publishEndpoint
            ? publishEndpoint()
            : bus.GetSendEndpoint(message.Destination);

    // A type that was renamed since the row was written is sent to its stored address.
    private Func<Task<ISendEndpoint>>? PublishEndpoint(string typeName)
    {
        if (Type.GetType(typeName, throwOnError: false) is not { } type)
        {
            return null;
        }

        var call = Expression.Call(Expression.Constant(bus, typeof(IPublishEndpointProvider)), nameof(IPublishEndpointProvider.GetPublishSendEndpoint), [type]);
        return Expression.Lambda<Func<Task<ISendEndpoint>>>(call).Compile();
    }

    private sealed class StoredMessagePipe(OutboxMessage message, TimeProvider clock) : IPipe<SendContext>
    {
        private readonly OutboxMessageSendPipe _pipe = new(message, message.Destination);

        public async Task Send(SendContext context)
        {
            await _pipe.Send(context);
            context.TimeToLive = message.ExpiresAt - clock.GetUtcNow();
        }

        public void Probe(ProbeContext context) => _pipe.Probe(context);
    }
}
