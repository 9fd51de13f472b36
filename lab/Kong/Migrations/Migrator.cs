using System.Reflection;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Migrations;

/// <summary>Runs migrations; one transaction each, so that a failed one can be run again.</summary>
internal sealed class Migrator(NpgsqlDataSource database, string databaseName, TextWriter output)
{
    /// <summary>Creates the schema of <paramref name="flavour"/> in an empty database.</summary>
    public async Task BootstrapAsync(Flavour flavour, CancellationToken cancellationToken)
    {
        var all = MigrationCatalog.Of(flavour);
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await ExecuteAsync(connection, Resources.ReadText("sql/base-2.8.5.sql"), cancellationToken);
            await ExecuteAsync(connection, $"""
                INSERT INTO workspaces (id, name, meta, config) VALUES ('{Guid.NewGuid()}', 'default', '{"{}"}', '{"{}"}');
                INSERT INTO parameters (key, value, created_at) VALUES ('cluster_id', '{Guid.NewGuid()}', NULL);
                """, cancellationToken);
            foreach (var migration in all.Where(MigrationCatalog.IsInBase))
            {
                await MarkExecutedAsync(connection, migration, cancellationToken);
            }

            await transaction.CommitAsync(CancellationToken.None);
        }

        foreach (var subsystem in all.GroupBy(m => m.Subsystem))
        {
            Announce(subsystem.Key);
            foreach (var migration in subsystem)
            {
                if (!MigrationCatalog.IsInBase(migration))
                {
                    await RunUpAsync(migration, pending: false, cancellationToken);
                    await RunFinishAsync(migration, wasPending: false, cancellationToken);
                }

                output.WriteLine($"{subsystem.Key} migrated up to: {migration.Name} (executed)");
            }
        }

        output.WriteLine($"{all.Count} migrations processed");
        output.WriteLine($"{all.Count} executed");
    }

    public async Task UpAsync(IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        foreach (var subsystem in migrations.GroupBy(m => m.Subsystem))
        {
            Announce(subsystem.Key);
            foreach (var migration in subsystem)
            {
                await RunUpAsync(migration, migration.HasTeardown, cancellationToken);
                output.WriteLine($"{subsystem.Key} migrated up to: {migration.Name} ({(migration.HasTeardown ? "pending" : "executed")})");
            }
        }

        output.WriteLine($"{migrations.Count} migrations processed");
        var pending = migrations.Count(m => m.HasTeardown);
        if (migrations.Count > pending)
        {
            output.WriteLine($"{migrations.Count - pending} executed");
        }

        if (pending > 0)
        {
            output.WriteLine($"{pending} pending");
        }
    }

    public async Task FinishAsync(IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        foreach (var subsystem in migrations.GroupBy(m => m.Subsystem))
        {
            Announce(subsystem.Key);
            foreach (var migration in subsystem)
            {
                await RunFinishAsync(migration, wasPending: true, cancellationToken);
                output.WriteLine($"{subsystem.Key} migrated up to: {migration.Name} (executed)");
            }
        }

        output.WriteLine($"{migrations.Count} migrations processed");
        output.WriteLine($"{migrations.Count} executed");
    }

    private void Announce(string subsystem) => output.WriteLine($"migrating {subsystem} on database '{databaseName}'...");

    private async Task RunUpAsync(Migration migration, bool pending, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var stage = "up";
        try
        {
            await ExecuteAsync(connection, SqlOf(migration, "up"), cancellationToken);
            stage = "up_f";
            await RowMigrations.UpAsync(migration, connection, cancellationToken);
            if (pending)
            {
                await MarkPendingAsync(connection, migration, cancellationToken);
            }
            else if (!migration.HasTeardown)
            {
                await MarkExecutedAsync(connection, migration, cancellationToken);
            }

            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (PostgresException refused)
        {
            throw new MigrationFailedException(migration, stage, new InvalidOperationException("ERROR: " + refused.MessageText, refused));
        }
    }

    private async Task RunFinishAsync(Migration migration, bool wasPending, CancellationToken cancellationToken)
    {
        if (!migration.HasTeardown)
        {
            return;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, SqlOf(migration, "finish"), cancellationToken);
            await RowMigrations.FinishAsync(migration, connection, cancellationToken);
            await MarkExecutedAsync(connection, migration, cancellationToken);
            if (wasPending)
            {
                await ExecuteAsync(connection, "UPDATE schema_meta SET pending = array_remove(pending, $2) WHERE key = 'schema_meta' AND subsystem = $1", cancellationToken, migration.Subsystem, migration.Name);
            }

            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (PostgresException refused)
        {
            throw new MigrationFailedException(migration, "teardown", new InvalidOperationException("ERROR: " + refused.MessageText, refused));
        }
    }

    private static Task MarkExecutedAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken) => ExecuteAsync(connection, """
        INSERT INTO schema_meta AS m (key, subsystem, last_executed, executed) VALUES ('schema_meta', $1, $2, ARRAY[$2])
        ON CONFLICT (key, subsystem) DO UPDATE SET last_executed = $2, executed = array_append(COALESCE(m.executed, '{}'), $2)
        """, cancellationToken, migration.Subsystem, migration.Name);

    private static Task MarkPendingAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken) => ExecuteAsync(connection, """
        INSERT INTO schema_meta AS m (key, subsystem, pending) VALUES ('schema_meta', $1, ARRAY[$2])
        ON CONFLICT (key, subsystem) DO UPDATE SET pending = array_append(COALESCE(m.pending, '{}'), $2)
        """, cancellationToken, migration.Subsystem, migration.Name);

    private static string SqlOf(Migration migration, string stage)
    {
        var name = $"sql/{migration.Subsystem}-{migration.Name}.{stage}.sql";
        return Assembly.GetExecutingAssembly().GetManifestResourceInfo(name) is null ? "" : Resources.ReadText(name);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params string[] parameters)
    {
        if (sql.Length == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
