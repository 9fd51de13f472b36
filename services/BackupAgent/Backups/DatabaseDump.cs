using System.Data;
using KongUpgradeMesh.BackupAgent.Freezing;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Dumps cluster X's database in a snapshot whose configuration is proven to be the frozen one. Reads only.</summary>
public sealed class DatabaseDump(PostgresTools tools, TimeProvider clock, ILogger<DatabaseDump> logger)
{
    private const long SpareBytes = 64L * 1024 * 1024;
    private const int LockWaitMilliseconds = 30_000;

    // Configuration is full of random keys: the lowest level saves as much as the default one, in a third of its time.
    private const int CompressionLevel = 1;

    /// <summary>Writes the dump and its restore list into <paramref name="directory"/>.</summary>
    public async Task<DumpFacts> TakeAsync(TakeBackup command, KongDatabase x, string directory, CancellationToken cancellationToken)
    {
        await using var connection = await x.OpenAdminAsync(cancellationToken);
        var major = connection.PostgreSqlVersion.Major;
        var program = await tools.FindAsync("pg_dump", major, cancellationToken);
        try
        {
            await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            var id = await ExportAsync(connection, cancellationToken);
            var withoutRows = await TablesWithoutRowsAsync(command, x, connection, cancellationToken);
            await EnsureSpaceAsync(connection, x.Schema, withoutRows, directory, cancellationToken);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var dumping = DumpAsync(program, command, x, id, withoutRows, directory, stop.Token);
            DumpFacts facts;
            try
            {
                // The snapshot's own session is free while pg_dump reads in it: proof and dump share the time that X stays frozen.
                facts = await ReadFactsAsync(command, x, snapshot, await tools.VersionAsync(program, cancellationToken) ?? "", withoutRows, cancellationToken);
            }
            catch
            {
                await stop.CancelAsync();
                await dumping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }

            await dumping;
            await WriteListAsync(x, major, directory, command.Timeout, cancellationToken);
            return facts;
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, x.ToString());
        }
    }

    // The transaction idles while pg_dump works; a server that ends idle transactions would take the snapshot away.
    private static async Task<string> ExportAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SET TRANSACTION READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_catalog.pg_export_snapshot()", connection);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<DumpFacts> ReadFactsAsync(TakeBackup command, KongDatabase x, NpgsqlTransaction snapshot, string program, IReadOnlyList<string> withoutRows, CancellationToken cancellationToken)
    {
        var connection = snapshot.Connection!;
        var takenAt = clock.GetUtcNow();
        var fingerprints = await ConfigurationFingerprinter.TakePairAsync(snapshot, x.Schema, FingerprintScope.Of(command.Spec.Freeze), cancellationToken);
        if (ConfigurationFingerprinter.Compare(command.Expected, fingerprints.Lasting) is { Count: > 0 } drifted)
        {
            throw FreezeFailures.Drifted(ClusterSide.X, drifted);
        }

        return new DumpFacts(
            takenAt,
            connection.PostgreSqlVersion.Major,
            connection.PostgreSqlVersion.ToString(),
            program,
            (await DatabaseIdentity.ReadAsync(connection, cancellationToken)).ToString(),
            fingerprints.Lasting,
            fingerprints.Complete,
            await MigrationState.ReadAsync(connection, x.Schema, cancellationToken),
            withoutRows);
    }

    private static async Task<IReadOnlyList<string>> TablesWithoutRowsAsync(TakeBackup command, KongDatabase x, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = await KongTables.ClassifyAsync(connection, x.Schema, cancellationToken);
        return [.. tables.Runtime.Where(t => !KongTables.CopiesRows(t, command.Spec.From.Version, command.Spec.To.Version))];
    }

    // A compressed dump is smaller than the tables; that margin is wanted.
    private static async Task EnsureSpaceAsync(NpgsqlConnection connection, string schema, IReadOnlyList<string> withoutRows, string directory, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT coalesce(sum(pg_catalog.pg_table_size(c.oid)), 0)::bigint
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND NOT (n.nspname = $1 AND c.relname = ANY ($2))
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = schema });
        command.Parameters.Add(new NpgsqlParameter { Value = withoutRows.ToArray() });
        var needed = (long)(await command.ExecuteScalarAsync(cancellationToken))! + SpareBytes;
        var free = new DriveInfo(directory).AvailableFreeSpace;
        if (free < needed)
        {
            throw BackupFailures.DiskSpaceLow(directory, free, needed);
        }
    }

    private async Task DumpAsync(
        string program, TakeBackup command, KongDatabase x, string snapshot, IReadOnlyList<string> withoutRows, string directory, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "--format=directory",
            $"--jobs={command.Spec.Backup.Jobs}",
            $"--compress={CompressionLevel}",
            $"--file={Path.Combine(directory, BackupLayout.Dump)}",
            $"--snapshot={snapshot}",
            $"--lock-wait-timeout={LockWaitMilliseconds}",
            $"--exclude-schema={WriteFence.SchemaName}",
            "--no-password",
            .. withoutRows.Select(t => $"--exclude-table-data={Pattern(x.Schema)}.{Pattern(t)}"),
        ];
        var result = await tools.RunAsync(program, arguments, x, command.Timeout, cancellationToken);
        if (result.Succeeded)
        {
            return;
        }

        logger.ProgramFailed("pg_dump", result.ExitCode, result.Error);
        var free = new DriveInfo(directory).AvailableFreeSpace;
        throw free < 1024 * 1024 ? BackupFailures.DiskSpaceLow(directory, free, SpareBytes) : BackupFailures.DumpFailed(result);
    }

    // Written to a file by pg_restore itself: with many tables the list is longer than what is kept of a program's output.
    private async Task WriteListAsync(KongDatabase x, int major, string directory, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var program = await tools.FindAsync("pg_restore", major, cancellationToken);
        var list = Path.Combine(directory, BackupLayout.RestoreList);
        var result = await tools.RunAsync(program, ["--list", $"--file={list}", Path.Combine(directory, BackupLayout.Dump)], x, timeout, cancellationToken);
        if (!result.Succeeded)
        {
            throw BackupFailures.ListFailed(result);
        }

        await File.WriteAllLinesAsync(list, FenceFreeList.Of(await File.ReadAllLinesAsync(list, cancellationToken)), cancellationToken);
    }

    private static string Pattern(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
