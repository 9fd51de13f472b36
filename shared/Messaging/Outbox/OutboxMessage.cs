using MassTransit;
using MassTransit.Metadata;
using MassTransit.Middleware;
using MassTransit.Serialization;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>An outgoing message or timer, as it is buffered, stored and sent.</summary>
internal sealed record OutboxMessage : OutboxMessageContext
{
    private static readonly Dictionary<string, object> NoProperties = [];

    public long OutboxId { get; init; }

    public required Guid MessageId { get; init; }

    public required Uri Destination { get; init; }

    /// <summary>Set for publications: names the CLR type, so that its exchanges and bindings are declared before the send.</summary>
    public string? PublishedType { get; init; }

    public required string MessageType { get; init; }

    public required string ContentType { get; init; }

    public required string Body { get; init; }

    public string? HeadersText { get; init; }

    public string? PropertiesText { get; init; }

    public Guid? ConversationId { get; init; }

    public Guid? CorrelationId { get; init; }

    public Guid? InitiatorId { get; init; }

    public Guid? RequestId { get; init; }

    public Uri? SourceAddress { get; init; }

    public Uri? ResponseAddress { get; init; }

    public Uri? FaultAddress { get; init; }

    public Guid? SchedulingToken { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: at once.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public int Attempts { get; init; }

    Guid? MessageContext.MessageId => MessageId;

    Uri MessageContext.DestinationAddress => Destination;

    DateTime? MessageContext.SentTime => CreatedAt.UtcDateTime;

    // The remaining time to live is set by the sender, by our clock.
    DateTime? MessageContext.ExpirationTime => null;

    Headers MessageContext.Headers =>
        SystemTextJsonMessageSerializer.Instance.DeserializeDictionary<object?>(HeadersText) is { } headers
            ? new DictionarySendHeaders(headers!)
            : EmptyHeaders.Instance;

    HostInfo MessageContext.Host => HostMetadataCache.Host;

    long OutboxMessageContext.SequenceNumber => OutboxId;

    IReadOnlyDictionary<string, object> OutboxMessageContext.Properties =>
        SystemTextJsonMessageSerializer.Instance.DeserializeDictionary<object>(PropertiesText) ?? NoProperties;
}
