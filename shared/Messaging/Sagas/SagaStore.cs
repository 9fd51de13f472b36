using KongUpgradeMesh.Messaging.Schema;
using MassTransit;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace KongUpgradeMesh.Messaging.Sagas;

internal sealed class SagaStore<TSaga>(MessagingDataSource dataSource, ISchemaMigrator schema, IOptions<MessagingOptions> options, TimeProvider clock)
    : ISagaStore<TSaga>
    where TSaga : class, ISaga
{
    private readonly string _select = $"SELECT current_state, version, body, updated_at FROM {dataSource.Schema}.saga WHERE saga_type = $1";

    public async Task<SagaRow<TSaga>?> FindAsync(Guid correlationId, CancellationToken cancellationToken)
    {
        await using var command = await CommandAsync(_select + " AND correlation_id = $2", cancellationToken);
        command.Parameters.Uuid(correlationId);
        var rows = await ReadAsync(command, cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    public async Task<IReadOnlyList<SagaRow<TSaga>>> ListAsync(IReadOnlyCollection<string>? states, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        await using var command = await CommandAsync(
            _select + " AND ($2::text[] IS NULL OR current_state = ANY ($2)) ORDER BY updated_at DESC, correlation_id LIMIT $3", cancellationToken);
        command.Parameters.Array(NpgsqlDbType.Text, states is { Count: > 0 } ? states : null).Integer(limit);
        return await ReadAsync(command, cancellationToken);
    }

    private async Task<NpgsqlCommand> CommandAsync(string sql, CancellationToken cancellationToken)
    {
        await schema.WhenReadyAsync(cancellationToken).WaitAsync(options.Value.QueryTimeout, clock, cancellationToken);
        var command = dataSource.Source.CreateCommand(sql);
        command.CommandTimeout = Math.Max(1, (int)options.Value.QueryTimeout.TotalSeconds);
        command.Parameters.Text(SagaSerializer.TypeName<TSaga>());
        return command;
    }

    private static async Task<List<SagaRow<TSaga>>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var rows = new List<SagaRow<TSaga>>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var version = reader.GetInt32(1);
            rows.Add(new SagaRow<TSaga>(
                SagaSerializer.Read<TSaga>(reader.GetString(2), version),
                reader.IsDBNull(0) ? null : reader.GetString(0),
                version,
                reader.GetFieldValue<DateTimeOffset>(3)));
        }

        return rows;
    }
}
