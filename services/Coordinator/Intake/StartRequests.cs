using KongUpgradeMesh.Messaging;
using MassTransit;
using Npgsql;

namespace KongUpgradeMesh.Coordinator.Intake;

/// <summary>Remembers accepted start requests, so that a repeat starts nothing.</summary>
internal static class StartRequests
{
    public static async Task<(Guid UpgradeId, string Cluster)?> FindAsync(ConsumeContext context, string requestId)
    {
        var transaction = context.GetPayload<PostgresTransactionContext>();
        await using var command = new NpgsqlCommand(
            "SELECT upgrade_id, cluster FROM kum.start_requests WHERE request_id = $1", transaction.Connection, transaction.Transaction)
        {
            Parameters = { new() { Value = requestId } },
        };
        await using var reader = await command.ExecuteReaderAsync(context.CancellationToken);
        return await reader.ReadAsync(context.CancellationToken) ? (reader.GetGuid(0), reader.GetString(1)) : null;
    }

    /// <summary>Fails with a unique violation when the same request is being accepted at this moment; the retry then finds it.</summary>
    public static async Task AddAsync(ConsumeContext context, string requestId, Guid upgradeId, string cluster, DateTimeOffset receivedAt)
    {
        var transaction = context.GetPayload<PostgresTransactionContext>();
        await using var command = new NpgsqlCommand(
            "INSERT INTO kum.start_requests (request_id, upgrade_id, cluster, received_at) VALUES ($1, $2, $3, $4)", transaction.Connection, transaction.Transaction)
        {
            Parameters = { new() { Value = requestId }, new() { Value = upgradeId }, new() { Value = cluster }, new() { Value = receivedAt } },
        };
        await command.ExecuteNonQueryAsync(context.CancellationToken);
    }
}
