using Npgsql;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>The statements on the inbox.</summary>
internal sealed class InboxTable(MessagingDataSource dataSource)
{
    private const int RowsPerDelete = 5_000;
    private readonly string _table = $"{dataSource.Schema}.inbox";

    /// <summary>
    /// Notes a message for a consumer; false when it is known. A second copy that arrives while the first is being
    /// handled waits here for the first one's commit or rollback.
    /// </summary>
    public async Task<bool> TryAddAsync(NpgsqlConnection connection, Guid messageId, Guid consumerId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"INSERT INTO {_table} (message_id, consumer_id, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", connection);
        command.Parameters.Uuid(messageId).Uuid(consumerId).Time(now);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Forgets what was received before <paramref name="limit"/>, in small transactions; returns how many rows.</summary>
    public async Task<int> RemoveBeforeAsync(DateTimeOffset limit, CancellationToken cancellationToken)
    {
        var removed = 0;
        while (true)
        {
            await using var command = dataSource.Source.CreateCommand(
                $"DELETE FROM {_table} WHERE ctid IN (SELECT ctid FROM {_table} WHERE received_at < $1 LIMIT {RowsPerDelete} FOR UPDATE SKIP LOCKED)");
            command.Parameters.Time(limit);
            var rows = await command.ExecuteNonQueryAsync(cancellationToken);
            removed += rows;
            if (rows < RowsPerDelete)
            {
                return removed;
            }
        }
    }
}
