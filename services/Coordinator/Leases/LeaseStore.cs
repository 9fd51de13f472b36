using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Messaging;
using KongUpgradeMesh.Messaging.Schema;
using Npgsql;

namespace KongUpgradeMesh.Coordinator.Leases;

/// <summary>Leases and agents as agents report them; written outside the sagas, because a beat must not cost a saga write.</summary>
internal sealed class LeaseStore(MessagingDataSource database, ISchemaMigrator schema, TimeProvider clock)
{
    /// <summary>Notes that an agent lives, renews the leases it names, and lets those lapse that an earlier process of it held.</summary>
    public async Task BeatAsync(AgentBeat beat, CancellationToken cancellationToken)
    {
        await schema.WhenReadyAsync(cancellationToken);
        await using var batch = database.Source.CreateBatch();
        var now = clock.GetUtcNow();
        Add(
            batch,
            """
            INSERT INTO kum.agents (kind, datacenter, agent, instance_id, version, last_seen_at, running_steps) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (kind, datacenter, agent) DO UPDATE SET
                instance_id = excluded.instance_id, version = excluded.version, last_seen_at = excluded.last_seen_at, running_steps = excluded.running_steps
            """,
            beat.Kind.ToString(), beat.Datacenter, beat.Agent, beat.InstanceId, beat.Version, now, beat.Running.Count);
        foreach (var step in beat.Running)
        {
            Add(
                batch,
                """
                UPDATE kum.leases SET last_seen_at = $6, agent = $7, instance_id = $8
                WHERE upgrade_id = $1 AND lane = $2 AND epoch = $3 AND sequence = $4 AND attempt = $5
                """,
                step.UpgradeId, step.Lane, step.Epoch, step.Sequence, step.Attempt, now, beat.Agent, beat.InstanceId);
        }

        // A restarted agent answers under its old name and knows nothing of what it held: no need to wait for the lease.
        Add(
            batch,
            "UPDATE kum.leases SET last_seen_at = '-infinity' WHERE kind = $1 AND datacenter = $2 AND agent = $3 AND instance_id <> $4 AND last_seen_at > '-infinity'",
            beat.Kind.ToString(), beat.Datacenter, beat.Agent, beat.InstanceId);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task ProgressAsync(StepProgressed progressed, CancellationToken cancellationToken)
    {
        await using var batch = database.Source.CreateBatch();
        var step = progressed.Step;
        Add(
            batch,
            "UPDATE kum.leases SET activity = $6, fraction = $7 WHERE upgrade_id = $1 AND lane = $2 AND epoch = $3 AND sequence = $4 AND attempt = $5",
            step.UpgradeId, step.Lane, step.Epoch, step.Sequence, step.Attempt, progressed.Activity, (object?)progressed.Fraction ?? DBNull.Value);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Takes the leases that have lapsed, each at most once in <paramref name="lease"/> whoever asks.</summary>
    /// <param name="lease">How long a working agent may be silent.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<IReadOnlyList<(StepRef Step, string Reason)>> TakeLapsedAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var command = database.Source.CreateCommand(
            """
            UPDATE kum.leases AS lease SET reported_at = $1
            WHERE (lease.upgrade_id, lease.lane) IN (
                SELECT l.upgrade_id, l.lane FROM kum.leases l
                WHERE (l.reported_at IS NULL OR l.reported_at < $2)
                  AND (l.last_seen_at < $2
                       -- Nobody took it although somebody could: the command may be lost. Asked for less and less often.
                       OR (l.last_seen_at IS NULL
                           AND l.dispatched_at < $1 - $3 * least(l.attempt, 6)
                           AND EXISTS (SELECT 1 FROM kum.agents a WHERE a.kind = l.kind AND a.datacenter = l.datacenter AND a.last_seen_at > $2)))
                FOR UPDATE SKIP LOCKED)
            RETURNING upgrade_id, lane, cluster, name, epoch, sequence, attempt, agent, last_seen_at IS NULL
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = now });
        command.Parameters.Add(new NpgsqlParameter { Value = now - lease });
        command.Parameters.Add(new NpgsqlParameter { Value = lease + TimeSpan.FromSeconds(2) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lapsed = new List<(StepRef, string)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var step = new StepRef
            {
                UpgradeId = reader.GetGuid(0), Lane = reader.GetString(1), Cluster = reader.GetString(2), Name = reader.GetString(3),
                Epoch = reader.GetInt32(4), Sequence = reader.GetInt32(5), Attempt = reader.GetInt32(6),
            };
            lapsed.Add((step, reader.GetBoolean(8) ? "nobody took it" : $"{reader.GetString(7)} is silent"));
        }

        return lapsed;
    }

    private static void Add(NpgsqlBatch batch, string sql, params object[] values)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = sql;
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        batch.BatchCommands.Add(command);
    }
}
