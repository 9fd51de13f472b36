using KongUpgradeMesh.Lab.StandInKong.Configuration;
using KongUpgradeMesh.Lab.StandInKong.Storage;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Node;

/// <summary>Deletes rows whose time is over, as every node does from time to time.</summary>
internal sealed partial class ExpiredRowCleaner(KongDatabase database, KongConfiguration configuration, TimeProvider time, ILogger<ExpiredRowCleaner> log)
{
    private static readonly (string Table, string Column)[] Expiring =
    [
        ("cluster_events", "expire_at"), ("keyauth_credentials", "ttl"), ("ratelimiting_metrics", "ttl"), ("sessions", "ttl"),
        ("oauth2_tokens", "ttl"), ("oauth2_authorization_codes", "ttl"), ("acme_storage", "ttl"), ("clustering_data_planes", "ttl"),
    ];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(configuration.TtlCleanupInterval, time, cancellationToken);
            foreach (var (table, column) in Expiring)
            {
                try
                {
                    await using var command = database.Source.CreateCommand($"""
                        WITH rows AS (SELECT ctid FROM {table} WHERE {column} < CURRENT_TIMESTAMP ORDER BY {column} LIMIT 50000 FOR UPDATE SKIP LOCKED)
                        DELETE FROM {table} WHERE ctid IN (TABLE rows)
                        """);
                    await command.ExecuteNonQueryAsync(cancellationToken);
                }
                catch (NpgsqlException refused)
                {
                    LogNotCleaned(table, refused.Message);
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "unable to clean expired rows from table '{Table}' on PostgreSQL database ({Reason})")]
    private partial void LogNotCleaned(string table, string reason);
}
