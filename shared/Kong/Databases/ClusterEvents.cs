using KongUpgradeMesh.Contracts;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>The table through which Kong's nodes tell one another of changes; each node asks it every <c>db_update_frequency</c>.</summary>
public static class ClusterEvents
{
    /// <summary>How long ago the newest event was written, by the database's clock; null when there is none, which means none for an hour.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="cancellationToken">Gives up; without it the query gives up after 60 seconds.</param>
    /// <exception cref="StepFailedException">The table cannot be read.</exception>
    public static async Task<TimeSpan?> AgeOfNewestAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        try
        {
            var ages = await connection.ListAsync(
                $"SELECT extract(epoch FROM pg_catalog.clock_timestamp() - max(at))::float8 FROM {SqlCommands.Quote(schema)}.cluster_events",
                static r => r.IsDBNull(0) ? (TimeSpan?)null : TimeSpan.FromSeconds(Math.Max(0, r.GetDouble(0))), cancellationToken);
            return ages[0];
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }
}
