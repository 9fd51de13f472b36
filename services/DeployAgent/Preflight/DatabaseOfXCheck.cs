using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Kong.Versions;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Preflight;

/// <summary>Cluster X's database: reachable, migrated completely for its version, measurable, small enough for the disk. Everything by SELECT.</summary>
internal sealed class DatabaseOfXCheck(PostgresTools tools) : IPreflightCheck
{
    public async Task RunAsync(PreflightSubject subject, PreflightReport report, CancellationToken cancellationToken)
    {
        var database = subject.Databases.X;
        await using var connection = await database.OpenAdminAsync(cancellationToken);
        try
        {
            var major = connection.PostgreSqlVersion.Major;
            report.Fact("PostgreSQL of X", connection.PostgreSqlVersion);
            report.Fact("database of X", await DatabaseIdentity.ReadAsync(connection, cancellationToken));
            var schema = SqlCommands.Quote(database.Schema);
            if (!await connection.ScalarOrDefaultAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellationToken, schema + ".schema_meta"))
            {
                report.Problem(FailureCodes.MigrationsPending, $"{database} holds no Kong in schema {database.Schema}.", "Check name and schema in from.database.");
                return;
            }

            await CheckMigrationsAsync(subject, connection, schema, report, cancellationToken);
            await CheckTablesAsync(subject, connection, database, report, cancellationToken);
            await CheckMetricsAsync(connection, schema, report, cancellationToken);
            await CheckRightsAsync(connection, database, report, cancellationToken);
            await CheckDiskAsync(subject, connection, report, cancellationToken);
            await tools.FindAsync("pg_restore", major, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, database.ToString());
        }
    }

    private static async Task CheckMigrationsAsync(
        PreflightSubject subject, NpgsqlConnection connection, string schema, PreflightReport report, CancellationToken cancellationToken)
    {
        var pending = await connection.ListAsync(
            $"SELECT subsystem || ': ' || array_to_string(pending, ', ') FROM {schema}.schema_meta WHERE key = 'schema_meta' AND cardinality(pending) > 0", cancellationToken);
        if (pending.Count > 0)
        {
            report.Problem(new Failure
            {
                Code = FailureCodes.MigrationsPending,
                Message = "An earlier migration of cluster X was never finished; version Y would refuse the copy.",
                Remedy = $"Run on cluster X, with its own version and at a quiet time: {subject.Spec.From.Deployment.Executable} migrations finish",
                Details = pending,
            });
        }

        var executed = await connection.ListAsync(
            $"SELECT unnest(executed) FROM {schema}.schema_meta WHERE key = 'schema_meta' AND subsystem = 'core'", cancellationToken);
        var newest = SchemaVersion.NewestOf(executed);
        var own = new KongVersion(subject.From.Major, subject.From.Minor);
        if (newest is null)
        {
            report.Problem(FailureCodes.MigrationsPending, "The database of cluster X holds no migrations of Kong.", "Check name and schema in from.database.");
        }
        else if (newest > own)
        {
            report.Problem(FailureCodes.MigrationsPending, $"The database of cluster X has already been migrated to {newest.Value.Line}, but runs {subject.From}.", "Find out who migrated it; it cannot be the source of this upgrade.");
        }
        else if (newest < own && SchemaVersion.HasOwnMigration(subject.From))
        {
            report.Problem(FailureCodes.MigrationsPending, $"The database of cluster X is still at {newest.Value.Line}, but runs {subject.From}.", "Finish the earlier upgrade of cluster X first.");
        }
    }

    // Freezing would find them as well, but only when people already wait for it.
    private static async Task CheckTablesAsync(
        PreflightSubject subject, NpgsqlConnection connection, KongDatabase database, PreflightReport report, CancellationToken cancellationToken)
    {
        var tables = await KongTables.ClassifyAsync(connection, database.Schema, cancellationToken);
        report.Fact("tables of X", $"{tables.Configuration.Count} configuration, {tables.Runtime.Count} run-time, {tables.Unknown.Count} unknown");
        if (tables.Unknown.Count == 0)
        {
            return;
        }

        var names = string.Join(", ", tables.Unknown);
        switch (subject.Spec.Freeze.UnknownTables)
        {
            case UnknownTableChoice.Refuse:
                report.Problem(new Failure
                {
                    Code = FailureCodes.UnknownTables,
                    Message = $"{database} has {tables.Unknown.Count} tables that are neither known configuration nor known run-time state.",
                    Remedy = "Decide on them with spec.freeze.unknownTables: fence when only people and their tools write them, leave when Kong's proxies do.",
                    Details = [.. tables.Unknown.Select(static t => "table " + t)],
                });
                break;
            case UnknownTableChoice.Fence:
                report.Warn($"Unknown tables are frozen and compared like configuration (spec.freeze.unknownTables: fence): {names}. If Kong's proxies write them, requests will fail.");
                break;
            default:
                report.Warn($"Unknown tables stay writable, are copied and are not compared (spec.freeze.unknownTables: leave): {names}. What is written to them after the backup is missing on cluster Y.");
                break;
        }
    }

    private static async Task CheckMetricsAsync(NpgsqlConnection connection, string schema, PreflightReport report, CancellationToken cancellationToken)
    {
        var scopes = await connection.ListAsync(
            $"""
            SELECT CASE WHEN service_id IS NULL AND route_id IS NULL AND consumer_id IS NULL THEN 'global' ELSE 'scoped' END
            FROM {schema}.plugins WHERE name = 'prometheus' AND enabled
            """,
            cancellationToken);
        if (scopes.Count == 0)
        {
            report.Problem(FailureCodes.MonitorBlind, "Cluster X has no prometheus plugin, so the clusters could not be compared.", "Add it globally: POST /plugins name=prometheus on cluster X.");
        }
        else if (!scopes.Contains("global"))
        {
            report.Warn("The prometheus plugin is attached to single services or routes only: traffic of all others is not judged.");
        }
    }

    private static async Task CheckRightsAsync(NpgsqlConnection connection, KongDatabase database, PreflightReport report, CancellationToken cancellationToken)
    {
        var foreign = await connection.ListAsync(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = $1 AND NOT pg_has_role(current_user, tableowner, 'MEMBER') ORDER BY 1 LIMIT 10",
            cancellationToken, database.Schema);
        if (foreign.Count > 0 || !await connection.ScalarOrDefaultAsync<bool>("SELECT has_database_privilege(current_database(), 'CREATE')", cancellationToken))
        {
            report.Problem(new Failure
            {
                Code = FailureCodes.DatabaseNotPermitted,
                Message = $"The admin role of {database} cannot put up the write fence: it needs the tables' owner and CREATE on the database.",
                Remedy = "Name a role in from.database.adminUser that is a member of the owner.",
                Details = [.. foreign.Select(static t => "table " + t)],
            });
        }
    }

    private static async Task CheckDiskAsync(PreflightSubject subject, NpgsqlConnection connection, PreflightReport report, CancellationToken cancellationToken)
    {
        var size = await connection.ScalarOrDefaultAsync<long>("SELECT pg_database_size(current_database())", cancellationToken);
        report.Fact("size of X's database", $"{size / 1024 / 1024} MiB");
        var directory = Path.GetFullPath(subject.Spec.Backup.Directory);
        while (!Directory.Exists(directory) && Path.GetDirectoryName(directory) is { } parent)
        {
            directory = parent;
        }

        // A dump is smaller than its database: no indexes, and compressed.
        var free = new DriveInfo(directory).AvailableFreeSpace;
        report.Fact("free for the backup", $"{free / 1024 / 1024} MiB at {directory}");
        if (free < size)
        {
            report.Problem(FailureCodes.DiskSpaceLow, $"{directory} has {free / 1024 / 1024} MiB free; the database of cluster X is {size / 1024 / 1024} MiB.", "Free space, or name another backup directory.");
        }
    }
}
