using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Coordinator.Upgrades;
using KongUpgradeMesh.Messaging;
using KongUpgradeMesh.Messaging.Sagas;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KongUpgradeMesh.Coordinator.Api;

/// <summary>Reads upgrades, timelines and agents for people; locks nothing.</summary>
internal sealed class UpgradeReader(ISagaStore<UpgradeState> sagas, MessagingDataSource database, IOptions<UpgradeOptions> options, TimeProvider clock)
{
    private const int MostUpgrades = 1000;
    private static readonly TimeSpan LongestBegin = TimeSpan.FromSeconds(5);

    public async Task<(UpgradeView View, UpgradeState State)?> FindAsync(Guid upgradeId, CancellationToken cancellationToken)
    {
        if (await sagas.FindAsync(upgradeId, cancellationToken) is not { } row)
        {
            return null;
        }

        var leases = await LeasesAsync(upgradeId, cancellationToken);
        return (UpgradeViews.Of(row.Saga, leases), row.Saga);
    }

    /// <summary>Waits a moment for an accepted upgrade to be readable: its first message is on its way, and a client that was told an id will ask for it.</summary>
    public async Task AwaitBeginAsync(Guid upgradeId, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (await sagas.FindAsync(upgradeId, cancellationToken) is null && clock.GetElapsedTime(start) < LongestBegin)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<UpgradeView>> ListAsync(bool activeOnly, string? cluster, CancellationToken cancellationToken)
    {
        var rows = await sagas.ListAsync(null, MostUpgrades, cancellationToken);
        var leases = await LeasesAsync(null, cancellationToken);
        return
        [
            .. rows.Select(static r => r.Saga)
                .Where(s => (cluster is null || s.Spec.Cluster == cluster) && (!activeOnly || s.EndedAt is null))
                .OrderByDescending(static s => s.StartedAt)
                .Select(s => UpgradeViews.Of(s, [.. leases.Where(l => l.UpgradeId == s.CorrelationId)])),
        ];
    }

    public async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(Guid upgradeId, long after, CancellationToken cancellationToken)
    {
        await using var command = database.Source.CreateCommand(
            """
            SELECT sequence, at, kind, phase, epoch, actor, message, data, previous_hash, hash
            FROM kum.timeline WHERE upgrade_id = $1 AND sequence > $2 ORDER BY sequence LIMIT 1000
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = upgradeId });
        command.Parameters.Add(new NpgsqlParameter { Value = after });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var entries = new List<TimelineEntry>();
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(new TimelineEntry
            {
                Sequence = reader.GetInt64(0), At = reader.GetFieldValue<DateTimeOffset>(1), Kind = reader.GetString(2), Phase = reader.GetString(3),
                Epoch = reader.GetInt32(4), Actor = reader.GetString(5), Message = reader.GetString(6),
                Data = JsonElement.Parse(reader.GetString(7)), PreviousHash = reader.GetString(8), Hash = reader.GetString(9),
            });
        }

        return entries;
    }

    public async Task<IReadOnlyList<AgentView>> AgentsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Source.CreateCommand(
            "SELECT kind, datacenter, agent, version, last_seen_at, running_steps FROM kum.agents ORDER BY datacenter, kind, agent");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var agents = new List<AgentView>();
        var oldest = clock.GetUtcNow() - options.Value.Lease;
        while (await reader.ReadAsync(cancellationToken))
        {
            var seen = reader.GetFieldValue<DateTimeOffset>(4);
            agents.Add(new AgentView
            {
                Kind = Enum.Parse<AgentKind>(reader.GetString(0)), Datacenter = reader.GetString(1), Agent = reader.GetString(2),
                Version = reader.GetString(3), LastSeenAt = seen, Alive = seen > oldest, RunningSteps = reader.GetInt32(5),
            });
        }

        return agents;
    }

    public async Task<IReadOnlyList<LeaseView>> LeasesAsync(Guid? upgradeId, CancellationToken cancellationToken)
    {
        await using var command = database.Source.CreateCommand(
            "SELECT upgrade_id, lane, name, attempt, kind, datacenter, agent, activity, dispatched_at FROM kum.leases WHERE $1 IS NULL OR upgrade_id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)upgradeId ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var leases = new List<LeaseView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            leases.Add(new LeaseView(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.GetString(4), reader.GetString(5),
                await reader.IsDBNullAsync(6, cancellationToken) ? null : reader.GetString(6),
                await reader.IsDBNullAsync(7, cancellationToken) ? null : reader.GetString(7),
                reader.GetFieldValue<DateTimeOffset>(8)));
        }

        return leases;
    }
}
