using MassTransit;
using Npgsql;

namespace KongUpgradeMesh.Messaging.Sagas;

/// <summary>The statements on one saga type's rows, run inside the transaction of the consumed message.</summary>
internal sealed class SagaTable<TSaga>(MessagingDataSource dataSource, TimeProvider clock)
    where TSaga : class, ISaga
{
    private readonly string _table = $"{dataSource.Schema}.saga";
    private readonly string _type = SagaSerializer.TypeName<TSaga>();

    /// <summary>Reads and locks a row until the transaction ends.</summary>
    public async Task<(TSaga Saga, int Version)?> LockAsync(PostgresTransactionContext transaction, Guid correlationId, CancellationToken cancellationToken)
    {
        await using var command = Command(transaction, $"SELECT version, body FROM {_table} WHERE saga_type = $1 AND correlation_id = $2 FOR UPDATE");
        command.Parameters.Text(_type).Uuid(correlationId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var version = reader.GetInt32(0);
        return (SagaSerializer.Read<TSaga>(reader.GetString(1), version), version);
    }

    /// <summary>Writes a first row; false when another transaction was faster. A plain INSERT would abort the transaction instead.</summary>
    public async Task<bool> InsertAsync(PostgresTransactionContext transaction, TSaga saga, CancellationToken cancellationToken)
    {
        SagaSerializer.SetVersion(saga, 1);
        await using var command = Command(
            transaction,
            $"INSERT INTO {_table} (saga_type, correlation_id, current_state, version, body, updated_at) VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT DO NOTHING");
        command.Parameters.Text(_type).Uuid(saga.CorrelationId).Text(SagaState<TSaga>.Of(saga)).Jsonb(SagaSerializer.Write(saga)).Time(clock.GetUtcNow());
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Replaces the row that was read as <paramref name="version"/>.</summary>
    /// <exception cref="ConcurrencyException">It is no longer that version; the lock makes this a bug, and the check finds it.</exception>
    public async Task UpdateAsync(PostgresTransactionContext transaction, TSaga saga, int version, CancellationToken cancellationToken)
    {
        SagaSerializer.SetVersion(saga, version + 1);
        await using var command = Command(
            transaction,
            $"UPDATE {_table} SET current_state = $3, version = version + 1, body = $4, updated_at = $5 WHERE saga_type = $1 AND correlation_id = $2 AND version = $6");
        command.Parameters.Text(_type).Uuid(saga.CorrelationId).Text(SagaState<TSaga>.Of(saga)).Jsonb(SagaSerializer.Write(saga)).Time(clock.GetUtcNow()).Integer(version);
        await ExpectOneAsync(command, saga, cancellationToken);
    }

    /// <summary>Removes the row of a completed saga.</summary>
    /// <exception cref="ConcurrencyException">It is no longer the version that was read.</exception>
    public async Task DeleteAsync(PostgresTransactionContext transaction, TSaga saga, int version, CancellationToken cancellationToken)
    {
        await using var command = Command(transaction, $"DELETE FROM {_table} WHERE saga_type = $1 AND correlation_id = $2 AND version = $3");
        command.Parameters.Text(_type).Uuid(saga.CorrelationId).Integer(version);
        await ExpectOneAsync(command, saga, cancellationToken);
    }

    private static async Task ExpectOneAsync(NpgsqlCommand command, TSaga saga, CancellationToken cancellationToken)
    {
        if (await command.ExecuteNonQueryAsync(cancellationToken) != 1)
        {
            throw new ConcurrencyException("the stored saga is not the version that was read", typeof(TSaga), saga.CorrelationId);
        }
    }

    private static NpgsqlCommand Command(PostgresTransactionContext transaction, string sql) => new(sql, transaction.Connection, transaction.Transaction);
}
