using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Journal;
using Npgsql;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>What <see cref="FenceFreeList"/> must have kept out of a restored database: a write fence would make its migrations fail, a journal would go on recording.</summary>
public static class RestoredRemains
{
    /// <summary>Objects of a write fence or a write journal in a database, one a line; empty when there are none.</summary>
    /// <param name="connection">An open connection to the restored database.</param>
    /// <param name="cancellationToken">Gives up; without it the query gives up after 60 seconds.</param>
    /// <exception cref="StepFailedException">The catalogue cannot be read.</exception>
    public static async Task<IReadOnlyList<string>> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.ListAsync(
                """
                SELECT 'schema ' || nspname FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1)
                UNION ALL
                SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_catalog.pg_trigger
                WHERE NOT tgisinternal AND (starts_with(tgname::text, $2) OR starts_with(tgname::text, $3))
                """,
                static r => r.GetString(0),
                cancellationToken,
                new[] { WriteFence.SchemaName, WriteJournal.SchemaName },
                WriteFence.TriggerPrefix,
                WriteJournal.TriggerPrefix);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }
}
