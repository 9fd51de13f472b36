using System.Text.Json;
using KongUpgradeMesh.Coordinator.Upgrades;
using KongUpgradeMesh.Messaging;
using MassTransit;
using Npgsql;
using NpgsqlTypes;

namespace KongUpgradeMesh.Coordinator.Timeline;

/// <summary>Appends to an upgrade's timeline in the transaction of the transition that it describes.</summary>
internal static class TimelineWriting
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Appends one entry; the saga row is locked, so sequence and chain cannot fork.</summary>
    public static async Task AppendAsync(this BehaviorContext<UpgradeState> context, string kind, string actor, string message, object? data = null)
    {
        var saga = context.Saga;
        // PostgreSQL keeps microseconds: hash what a reader will get back.
        var now = context.Clock().GetUtcNow();
        var at = new DateTimeOffset(now.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        var sequence = saga.TimelineSequence + 1;
        var facts = data is null ? "{}" : JsonSerializer.Serialize(data, Json);
        var hash = TimelineHash.Of(saga.CorrelationId, sequence, at, kind, saga.Phase, saga.Epoch, actor, message, facts, saga.TimelineHash);
        var transaction = context.GetPayload<PostgresTransactionContext>();
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO kum.timeline (upgrade_id, sequence, at, kind, phase, epoch, actor, message, data, previous_hash, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            transaction.Connection,
            transaction.Transaction)
        {
            Parameters =
            {
                new() { Value = saga.CorrelationId }, new() { Value = sequence }, new() { Value = at }, new() { Value = kind },
                new() { Value = saga.Phase }, new() { Value = saga.Epoch }, new() { Value = actor }, new() { Value = message },
                new() { Value = facts, NpgsqlDbType = NpgsqlDbType.Text }, new() { Value = saga.TimelineHash }, new() { Value = hash },
            },
        };
        await command.ExecuteNonQueryAsync(context.CancellationToken);
        saga.TimelineSequence = sequence;
        saga.TimelineHash = hash;
    }
}
