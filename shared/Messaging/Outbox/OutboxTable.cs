using Npgsql;
using NpgsqlTypes;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>The statements on the outbox.</summary>
internal sealed class OutboxTable(MessagingDataSource dataSource)
{
    private const string Columns =
        "message_id, destination, published_type, message_type, content_type, body, headers, properties, conversation_id, correlation_id, " +
        "initiator_id, request_id, source_address, response_address, fault_address, scheduling_token, created_at, due_at, expires_at";

    private const string Due = "parked_at IS NULL AND (due_at IS NULL OR due_at <= $1)";
    private readonly string _table = $"{dataSource.Schema}.outbox";

    /// <summary>The channel on which new rows are announced.</summary>
    public string Channel { get; } = $"{dataSource.Schema}_outbox";

    /// <summary>Removes cancelled timers, writes the rows and announces them, all in the caller's transaction and one round trip.</summary>
    public async Task WriteAsync(
        PostgresTransactionContext transaction, IReadOnlyCollection<Guid> cancelled, IReadOnlyCollection<OutboxMessage> messages, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction.Transaction);
        if (cancelled.Count > 0)
        {
            // A timer that is being sent right now is locked; waiting for it would tie the saga to the broker's speed,
            // and the state machine drops a timer whose token it no longer holds.
            Add(batch, $"DELETE FROM {_table} WHERE outbox_id IN (SELECT outbox_id FROM {_table} WHERE scheduling_token = ANY ($1) FOR UPDATE SKIP LOCKED)")
                .Array(NpgsqlDbType.Uuid, cancelled);
        }

        foreach (var message in messages)
        {
            Add(batch, $"INSERT INTO {_table} ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)")
                .Uuid(message.MessageId).Address(message.Destination).Text(message.PublishedType).Text(message.MessageType).Text(message.ContentType)
                .Text(message.Body).Text(message.HeadersText).Text(message.PropertiesText).Uuid(message.ConversationId).Uuid(message.CorrelationId)
                .Uuid(message.InitiatorId).Uuid(message.RequestId).Address(message.SourceAddress).Address(message.ResponseAddress)
                .Address(message.FaultAddress).Uuid(message.SchedulingToken).Time(message.CreatedAt).Time(message.DueAt).Time(message.ExpiresAt);
        }

        if (messages.Count > 0)
        {
            Add(batch, "SELECT pg_notify($1, '')").Text(Channel);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Finds the destinations that have due rows, and when the next timer falls due.</summary>
    public async Task<(IReadOnlyList<string> Destinations, DateTimeOffset? NextDue)> FindDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.Source.CreateBatch();
        Add(batch, $"SELECT DISTINCT destination FROM {_table} WHERE {Due}").Time(now);
        Add(batch, $"SELECT min(due_at) FROM {_table} WHERE parked_at IS NULL AND due_at > $1").Time(now);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var destinations = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            destinations.Add(reader.GetString(0));
        }

        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (destinations, reader.IsDBNull(0) ? null : reader.GetFieldValue<DateTimeOffset>(0));
    }

    /// <summary>
    /// Takes due rows of one destination, the oldest first, and locks them until the transaction ends. A destination is
    /// served by one process at a time, because two would mix up the order; null when another one serves it.
    /// </summary>
    public async Task<IReadOnlyList<OutboxMessage>?> ClaimAsync(
        NpgsqlTransaction transaction, string destination, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        await using (var command = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", connection, transaction))
        {
            command.Parameters.Text($"{_table} {destination}");
            if (await command.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return null;
            }
        }

        await using var claim = new NpgsqlCommand(
            $"SELECT {Columns}, outbox_id, attempts FROM {_table} WHERE {Due} AND destination = $2 ORDER BY coalesce(due_at, created_at), outbox_id LIMIT $3 FOR UPDATE SKIP LOCKED",
            connection,
            transaction);
        claim.Parameters.Time(now).Text(destination).Integer(limit);
        var messages = new List<OutboxMessage>();
        await using var reader = await claim.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            messages.Add(Read(reader));
        }

        return messages;
    }

    /// <summary>Removes the rows that are done with and notes the failed ones.</summary>
    public async Task SettleAsync(
        NpgsqlTransaction transaction, IReadOnlyCollection<long> done, IReadOnlyCollection<FailedSend> failed, CancellationToken cancellationToken)
    {
        if (done.Count + failed.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        Add(batch, $"DELETE FROM {_table} WHERE outbox_id = ANY ($1)").Array(NpgsqlDbType.Bigint, done);
        foreach (var failure in failed)
        {
            Add(batch, $"UPDATE {_table} SET attempts = $2, last_error = $3, due_at = coalesce($4, due_at), parked_at = $5 WHERE outbox_id = $1")
                .BigInteger(failure.Message.OutboxId).Integer(failure.Attempts).Text(failure.Error).Time(failure.RetryAt).Time(failure.ParkedAt);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Counts rows that are due and not delivered, and rows that were given up.</summary>
    public async Task<(long Overdue, long Parked)> CountAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.Source.CreateCommand(
            $"SELECT (SELECT count(*) FROM {_table} WHERE {Due}), (SELECT count(*) FROM {_table} WHERE parked_at IS NOT NULL)");
        command.Parameters.Time(now);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static NpgsqlParameterCollection Add(NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command.Parameters;
    }

    private static OutboxMessage Read(NpgsqlDataReader reader)
    {
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        Guid? Id(int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);
        Uri? Address(int column) => Text(column) is { } text ? new Uri(text) : null;
        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
        return new OutboxMessage
        {
            MessageId = reader.GetGuid(0),
            Destination = new Uri(reader.GetString(1)),
            PublishedType = Text(2),
            MessageType = reader.GetString(3),
            ContentType = reader.GetString(4),
            Body = reader.GetString(5),
            HeadersText = Text(6),
            PropertiesText = Text(7),
            ConversationId = Id(8),
            CorrelationId = Id(9),
            InitiatorId = Id(10),
            RequestId = Id(11),
            SourceAddress = Address(12),
            ResponseAddress = Address(13),
            FaultAddress = Address(14),
            SchedulingToken = Id(15),
            CreatedAt = reader.GetFieldValue<DateTimeOffset>(16),
            DueAt = Time(17),
            ExpiresAt = Time(18),
            OutboxId = reader.GetInt64(19),
            Attempts = reader.GetInt32(20),
        };
    }
}
