using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Messaging;

internal static partial class Log
{
    [LoggerMessage(EventId = 1, EventName = "SchemaStep", Message = "schema: {Step}")]
    public static partial void SchemaStep(ILogger logger, LogLevel level, string step, Exception? exception);

    [LoggerMessage(EventId = 2, EventName = "SchemaReady", Level = LogLevel.Information, Message = "schema {Schema} is up to date")]
    public static partial void SchemaReady(ILogger logger, string schema);

    [LoggerMessage(EventId = 3, EventName = "SchemaWaits", Level = LogLevel.Warning, Message = "the schema could not be brought up to date; next try in {Wait}")]
    public static partial void SchemaWaits(ILogger logger, TimeSpan wait, Exception exception);

    [LoggerMessage(EventId = 10, EventName = "OutboxSendFailed", Level = LogLevel.Warning, Message = "message {MessageId} to {Destination} could not be sent (attempt {Attempt})")]
    public static partial void SendFailed(ILogger logger, Guid messageId, Uri destination, int attempt, Exception? exception);

    [LoggerMessage(EventId = 11, EventName = "OutboxRowParked", Level = LogLevel.Error, Message = "message {MessageId} ({MessageType}) to {Destination} is parked after {Attempts} attempts: {Error}")]
    public static partial void RowParked(ILogger logger, Guid messageId, string messageType, Uri destination, int attempts, string error);

    [LoggerMessage(EventId = 12, EventName = "OutboxRowExpired", Level = LogLevel.Debug, Message = "message {MessageId} to {Destination} expired before it could be sent and is dropped")]
    public static partial void RowExpired(ILogger logger, Guid messageId, Uri destination);

    [LoggerMessage(EventId = 13, EventName = "BrokerLost", Level = LogLevel.Warning, Message = "the broker cannot be reached; outgoing messages wait in the outbox")]
    public static partial void BrokerLost(ILogger logger, Exception? exception);

    [LoggerMessage(EventId = 14, EventName = "BrokerBack", Level = LogLevel.Information, Message = "the broker is reached again; the outbox is being delivered")]
    public static partial void BrokerBack(ILogger logger);

    [LoggerMessage(EventId = 15, EventName = "OutboxSweepFailed", Level = LogLevel.Warning, Message = "the outbox could not be read; next try in {Wait}")]
    public static partial void SweepFailed(ILogger logger, TimeSpan wait, Exception exception);

    [LoggerMessage(EventId = 16, EventName = "OutboxLaneFailed", Level = LogLevel.Warning, Message = "delivery to {Destination} was interrupted; it is tried again in {Wait}")]
    public static partial void LaneFailed(ILogger logger, string destination, TimeSpan wait, Exception exception);

    [LoggerMessage(EventId = 17, EventName = "OutboxListenerLost", Level = LogLevel.Warning, Message = "notifications of the outbox are interrupted, polling goes on; next try in {Wait}")]
    public static partial void ListenerLost(ILogger logger, TimeSpan wait, Exception exception);

    [LoggerMessage(EventId = 20, EventName = "InboxCleaned", Level = LogLevel.Debug, Message = "{Count} inbox rows older than {Retention} were removed")]
    public static partial void InboxCleaned(ILogger logger, int count, TimeSpan retention);

    [LoggerMessage(EventId = 21, EventName = "InboxCleaningFailed", Level = LogLevel.Warning, Message = "the inbox could not be cleaned; next try in {Wait}")]
    public static partial void InboxCleaningFailed(ILogger logger, TimeSpan wait, Exception exception);
}
