using KongUpgradeMesh.Coordinator.Upgrades;
using KongUpgradeMesh.Messaging;
using MassTransit;
using Npgsql;

namespace KongUpgradeMesh.Coordinator.Intake;

/// <summary>One running upgrade per cluster, by a row in the transaction of the message that takes or frees it.</summary>
internal static class ClusterLocks
{
    /// <summary>Takes the cluster; null when it is now ours, otherwise the upgrade that holds it. Waits for a concurrent taker's commit.</summary>
    public static async Task<Guid?> TryTakeAsync(ConsumeContext context, string cluster, Guid upgradeId)
    {
        var transaction = context.GetPayload<PostgresTransactionContext>();
        await using var command = new NpgsqlCommand(
            """
            WITH taken AS (
                INSERT INTO kum.cluster_locks (cluster, upgrade_id, taken_at) VALUES ($1, $2, $3)
                ON CONFLICT (cluster) DO NOTHING RETURNING upgrade_id)
            SELECT upgrade_id FROM taken
            UNION ALL
            SELECT upgrade_id FROM kum.cluster_locks WHERE cluster = $1 AND NOT EXISTS (SELECT 1 FROM taken)
            """,
            transaction.Connection,
            transaction.Transaction)
        {
            Parameters = { new() { Value = cluster }, new() { Value = upgradeId }, new() { Value = context.Clock().GetUtcNow() } },
        };
        return await command.ExecuteScalarAsync(context.CancellationToken) switch
        {
            Guid holder when holder == upgradeId => null,
            Guid holder => holder,
            // A concurrent taker committed between the two halves of the statement; this transaction cannot see it yet.
            _ => throw new ConcurrencyException("The cluster was taken at the same moment", typeof(UpgradeState), upgradeId),
        };
    }

    /// <summary>Frees the cluster of an upgrade that has ended.</summary>
    public static async Task ReleaseAsync(ConsumeContext context, Guid upgradeId)
    {
        var transaction = context.GetPayload<PostgresTransactionContext>();
        await using var command = new NpgsqlCommand("DELETE FROM kum.cluster_locks WHERE upgrade_id = $1", transaction.Connection, transaction.Transaction)
        {
            Parameters = { new() { Value = upgradeId } },
        };
        await command.ExecuteNonQueryAsync(context.CancellationToken);
    }
}
