using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>Captures what a send inside a consumer would have given to the transport.</summary>
internal static class OutboxMessageFactory
{
    public static OutboxMessage Capture<T>(SendContext<T> context, IBusTopology topology, DateTimeOffset now)
        where T : class
    {
        var destination = context.DestinationAddress
            ?? throw new InvalidOperationException($"a {typeof(T).Name} sent through the outbox has no destination");

        // Delay is a transport property: left set, the broker would be asked to delay the message a second time.
        var delay = context.Delay;
        context.Delay = null;
        return new OutboxMessage
        {
            MessageId = context.MessageId ?? throw new InvalidOperationException($"a {typeof(T).Name} sent through the outbox has no message id"),
            Destination = destination,
            PublishedType = IsPublication<T>(destination, topology) ? $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}" : null,
            MessageType = string.Join(';', context.SupportedMessageTypes),
            ContentType = (context.ContentType ?? context.Serialization.DefaultContentType).ToString(),
            Body = context.Serializer.GetMessageBody(context).GetString(),
            HeadersText = SystemTextJsonMessageSerializer.Instance.SerializeDictionary(context.Headers.GetAll()),
            PropertiesText = Properties(context),
            ConversationId = context.ConversationId,
            CorrelationId = context.CorrelationId,
            InitiatorId = context.InitiatorId,
            RequestId = context.RequestId,
            SourceAddress = context.SourceAddress,
            ResponseAddress = context.ResponseAddress,
            FaultAddress = context.FaultAddress,
            SchedulingToken = context.ScheduledMessageId,
            CreatedAt = now,
            DueAt = delay > TimeSpan.Zero ? now + delay : null,
            ExpiresAt = now + context.TimeToLive + (delay ?? TimeSpan.Zero),
        };
    }

    private static string? Properties<T>(SendContext<T> context)
        where T : class
    {
        if (context is not TransportSendContext<T> transport)
        {
            return null;
        }

        var properties = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
        transport.WritePropertiesTo(properties);
        return SystemTextJsonMessageSerializer.Instance.SerializeDictionary(properties);
    }

    private static bool IsPublication<T>(Uri destination, IBusTopology topology)
        where T : class =>
        topology.TryGetPublishAddress<T>(out var address) && address.AbsolutePath == destination.AbsolutePath;
}
