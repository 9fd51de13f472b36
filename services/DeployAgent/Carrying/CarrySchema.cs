using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Carrying;

/// <summary>The marks in cluster Y's database: what of cluster X has been carried already, each kept in the transaction that carried it.</summary>
internal static class CarrySchema
{
    /// <summary>Schema of the marks. Kong and its migrations look into their own schema only.</summary>
    public const string Name = "kum_carry";

    private static readonly TimeSpan BeginTime = TimeSpan.FromMinutes(10);

    /// <summary>Marks what the restored copy holds as carried. Right only before cluster Y has begun to count: the copy still is what cluster X had in the dump.</summary>
    /// <exception cref="StepFailedException">A database failure; nothing is marked then.</exception>
    public static async Task BeginAsync(KongDatabase y, CancellationToken cancellationToken)
    {
        await using var connection = await y.OpenAsync(cancellationToken);
        try
        {
            var tables = await TablesAsync(connection, y.Schema, cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

            // Marks that came along in the dump belong to an earlier upgrade, in which cluster X was a cluster Y.
            await connection.ExecuteAsync($"SET LOCAL TimeZone = 'UTC'; DROP SCHEMA IF EXISTS {Name} CASCADE; CREATE SCHEMA {Name}", cancellationToken);
            foreach (var table in CounterTable.All.Where(t => tables.Contains(t.Name)))
            {
                await connection.ExecuteWithinAsync(MarkCounters(y.Schema, table), BeginTime, cancellationToken);
            }

            if (tables.Contains(TokenCarry.Table))
            {
                await connection.ExecuteWithinAsync(MarkTokens(y.Schema), BeginTime, cancellationToken);
            }

            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, y.ToString());
        }
    }

    /// <summary>Removes every mark; nothing can be carried to this database any more.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.LockTimeout"/> while a carry is under way, or another database failure.</exception>
    public static async Task RemoveAsync(KongDatabase y, CancellationToken cancellationToken)
    {
        await using var connection = await y.OpenAsync(cancellationToken);
        try
        {
            await connection.ExecuteAsync($"SET lock_timeout = '2s'; DROP SCHEMA IF EXISTS {Name} CASCADE", cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, y.ToString());
        }
    }

    /// <summary>Names of the tables of a schema.</summary>
    public static async Task<HashSet<string>> TablesAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken) =>
        [.. await connection.ListAsync("SELECT tablename::text FROM pg_catalog.pg_tables WHERE schemaname = $1", cancellationToken, schema)];

    private static string MarkCounters(string schema, CounterTable table) => $"""
        CREATE TABLE {Name}.{table.Name} AS
        SELECT {table.KeyList}, coalesce({table.QuotedValue}, 0)::bigint AS seen, 0::bigint AS seen_before
        FROM {SqlCommands.Quote(schema)}.{table.Name} WHERE NOT ({table.IsLongOver});
        ALTER TABLE {Name}.{table.Name} ADD PRIMARY KEY ({table.KeyList})
        """;

    private static string MarkTokens(string schema) => $"""
        CREATE TABLE {Name}.{TokenCarry.Table} AS
        SELECT t.id, {TokenCarry.Digest("t")} AS digest FROM {SqlCommands.Quote(schema)}.{TokenCarry.Table} t;
        ALTER TABLE {Name}.{TokenCarry.Table} ADD PRIMARY KEY (id), ALTER digest SET NOT NULL
        """;
}
