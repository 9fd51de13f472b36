using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>A row of Kong's <c>schema_meta</c>: which migrations of a subsystem have run.</summary>
public sealed record MigrationState
{
    /// <summary><c>core</c> or the name of a plugin.</summary>
    public required string Subsystem { get; init; }

    /// <summary>The newest executed migration; null when none is noted.</summary>
    public required string? LastExecuted { get; init; }

    /// <summary>All executed migrations.</summary>
    public required IReadOnlyList<string> Executed { get; init; }

    /// <summary>Migrations that <c>kong migrations finish</c> still has to end; empty in a database fit for an upgrade.</summary>
    public required IReadOnlyList<string> Pending { get; init; }

    /// <summary>Reads the rows of <c>schema_meta</c>, ordered by subsystem.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="cancellationToken">Gives up; without it the query gives up after 60 seconds.</param>
    /// <exception cref="StepFailedException">The table cannot be read.</exception>
    public static async Task<IReadOnlyList<MigrationState>> ReadAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        var sql = $"""
            SELECT subsystem, last_executed, coalesce(executed, '{"{}"}'), coalesce(pending, '{"{}"}')
            FROM {SqlCommands.Quote(schema)}.schema_meta ORDER BY subsystem COLLATE "C"
            """;
        try
        {
            return await connection.ListAsync(
                sql,
                static r => new MigrationState
                {
                    Subsystem = r.GetString(0),
                    LastExecuted = r.IsDBNull(1) ? null : r.GetString(1),
                    Executed = r.GetFieldValue<string[]>(2),
                    Pending = r.GetFieldValue<string[]>(3),
                },
                cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }
}
