using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Coordinator.Upgrades;
using KongUpgradeMesh.Messaging;
using MassTransit;
using Npgsql;

namespace KongUpgradeMesh.Coordinator.Leases;

/// <summary>Opens, confirms and closes leases in the transaction of the saga that needs them.</summary>
internal static class LeaseWriting
{
    /// <summary>Opens the lease of a step that is being sent; it replaces the lane's older one.</summary>
    public static Task OpenAsync(BehaviorContext<UpgradeState> context, StepRef step, AgentKind kind, string datacenter) => ExecuteAsync(
        context,
        """
        INSERT INTO kum.leases (upgrade_id, lane, cluster, name, epoch, sequence, attempt, kind, datacenter, dispatched_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (upgrade_id, lane) DO UPDATE SET
            name = excluded.name, epoch = excluded.epoch, sequence = excluded.sequence, attempt = excluded.attempt, kind = excluded.kind,
            datacenter = excluded.datacenter, dispatched_at = excluded.dispatched_at, agent = NULL, instance_id = NULL, last_seen_at = NULL,
            reported_at = NULL, activity = NULL, fraction = NULL
        """,
        step.UpgradeId, step.Lane, step.Cluster, step.Name, step.Epoch, step.Sequence, step.Attempt, kind.ToString(), datacenter, context.Clock().GetUtcNow());

    /// <summary>Notes which process holds the step.</summary>
    public static Task ConfirmAsync(BehaviorContext<UpgradeState> context, StepAccepted accepted) => ExecuteAsync(
        context,
        """
        UPDATE kum.leases SET agent = $6, instance_id = $7, last_seen_at = greatest(last_seen_at, $8)
        WHERE upgrade_id = $1 AND lane = $2 AND epoch = $3 AND sequence = $4 AND attempt = $5
        """,
        accepted.Step.UpgradeId, accepted.Step.Lane, accepted.Step.Epoch, accepted.Step.Sequence, accepted.Step.Attempt,
        accepted.Agent, accepted.InstanceId, context.Clock().GetUtcNow());

    /// <summary>Closes the lease of one lane, whose step has ended.</summary>
    public static Task CloseAsync(BehaviorContext<UpgradeState> context, string lane) =>
        ExecuteAsync(context, "DELETE FROM kum.leases WHERE upgrade_id = $1 AND lane = $2", context.Saga.CorrelationId, lane);

    private static async Task ExecuteAsync(BehaviorContext<UpgradeState> context, string sql, params object[] values)
    {
        var transaction = context.GetPayload<PostgresTransactionContext>();
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction.Transaction);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync(context.CancellationToken);
    }
}
