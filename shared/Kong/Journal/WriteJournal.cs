using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;
using static KongUpgradeMesh.Kong.Databases.SqlCommands;

namespace KongUpgradeMesh.Kong.Journal;

/// <summary>Records who writes which configuration row of cluster Y once it may be written again, so that a return to cluster X can be judged.</summary>
/// <remarks>
/// AFTER triggers into a schema of their own. A failure of the journal never fails the write it follows; it is counted. After its end the triggers do
/// nothing, also when nobody removes them. Migrations may alter and drop the tables as they like.
/// Never to be installed on cluster X.
/// </remarks>
/// <param name="options">Which journal, and how patient.</param>
/// <param name="clock">Measures patience and pauses.</param>
public sealed class WriteJournal(JournalOptions options, TimeProvider clock)
{
    /// <summary>Schema that holds every object of the journal but the triggers.</summary>
    public const string SchemaName = JournalSql.Schema;

    /// <summary>Start of the name of each of the journal's triggers; nothing with this name may be restored on another cluster.</summary>
    public const string TriggerPrefix = "kum_journal_";

    // Follow what other tables and migrations do; recorded there already, or nothing a return to X could lose.
    private static readonly string[] Followers = ["tags", "schema_meta"];

    /// <summary>Installs the journal, or completes the same upgrade's and keeps its end and its records; another upgrade's is replaced. Each table is locked for a short round of its own.</summary>
    /// <param name="connection">An open connection of the admin role to cluster Y's database, without a transaction.</param>
    /// <param name="cancellationToken">Gives up; call again to complete.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.LockTimeout"/> or <see cref="FailureCodes.WritersNotDrained"/> when a table stayed busy, or a database failure.</exception>
    public Task InstallAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => GuardAsync(connection, async () =>
    {
        if (await OwnerAsync(connection, cancellationToken) is { } owner && owner != options.UpgradeId)
        {
            await TakeDownAsync(connection, cancellationToken);
        }

        var rounds = Rounds(connection);
        await rounds.RunAsync(
            async token =>
            {
                await connection.ExecuteAsync(JournalSql.Serialise, token);
                if (await OwnerAsync(connection, token) is null)
                {
                    await connection.ExecuteAsync(JournalSql.CreateObjects, token);
                    await connection.ExecuteAsync(JournalSql.CreateFunction(options.EndsAt, options.RowLimit), token);
                    await connection.ExecuteAsync($"DELETE FROM {JournalSql.Stamp}", token);
                    await connection.ExecuteAsync(
                        $"INSERT INTO {JournalSql.Stamp} VALUES ($1, pg_catalog.clock_timestamp(), $2, $3)", token, options.UpgradeId, options.EndsAt.ToUniversalTime(), options.RowLimit);
                }

                return null;
            },
            cancellationToken);
        var keys = await connection.ListAsync(JournalSql.Keys, static r => KeyValuePair.Create(r.GetString(0), r.GetFieldValue<string[]>(1)), cancellationToken, options.Schema);
        foreach (var (table, key) in keys.IntersectBy(await MissingAsync(connection, cancellationToken), static k => k.Key))
        {
            await rounds.RunAsync(Locking(JournalSql.CreateTriggers(options.Schema, table, key), [table], withReaders: true), cancellationToken);
        }

        return true;
    });

    /// <summary>Removes this upgrade's journal and what it recorded; another upgrade's is left alone. Doing it again is harmless.</summary>
    /// <param name="connection">An open connection of the admin role, without a transaction.</param>
    /// <param name="cancellationToken">Gives up; call again to finish.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.LockTimeout"/> when objects are left because their tables stayed busy: they do nothing any more. Or a database failure.</exception>
    public Task<bool> RemoveAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => GuardAsync(connection, async () =>
        (await OwnerAsync(connection, cancellationToken) is not { } owner || owner == options.UpgradeId) && await TakeDownAsync(connection, cancellationToken));

    /// <summary>Removes whatever journal the database has.</summary>
    /// <param name="connection">An open connection of the admin role, without a transaction.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="freeze">Gives lock time-out and patience.</param>
    /// <param name="clock">Measures patience and pauses.</param>
    /// <param name="cancellationToken">Gives up; call again to finish.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="StepFailedException">As for <see cref="RemoveAsync"/>.</exception>
    public static Task<bool> RemoveAnyAsync(NpgsqlConnection connection, string schema, FreezeSpec freeze, TimeProvider clock, CancellationToken cancellationToken) =>
        GuardAsync(connection, () =>
            new WriteJournal(new JournalOptions { UpgradeId = Guid.Empty, EndsAt = default, Schema = schema, Freeze = freeze }, clock).TakeDownAsync(connection, cancellationToken));

    /// <summary>Reads the journal of a database, whichever upgrade installed it.</summary>
    /// <param name="connection">An open connection of the admin role.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="StepFailedException">A database failure.</exception>
    public static Task<JournalReading?> ReadAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken) => GuardAsync(connection, async () =>
    {
        if (await OwnerAsync(connection, cancellationToken) is null)
        {
            return null;
        }

        var (upgradeId, since, until, limit) = (await connection.ListAsync(
            $"SELECT upgrade_id, installed_at, ends_at, row_limit FROM {JournalSql.Stamp}",
            static r => (r.GetGuid(0), r.GetFieldValue<DateTimeOffset>(1), r.GetFieldValue<DateTimeOffset>(2), r.GetInt64(3)), cancellationToken))[0];
        var missing = await new WriteJournal(new JournalOptions { UpgradeId = upgradeId, EndsAt = until, Schema = schema }, TimeProvider.System).MissingAsync(connection, cancellationToken);
        var watched = (await TriggersAsync(connection, cancellationToken)).Where(static t => t.Fires && t.Name == JournalSql.RowTrigger).ToList();
        var counts = await connection.ListAsync(
            $"SELECT c.last_value - CASE WHEN c.is_called THEN 0 ELSE 1 END, f.last_value - CASE WHEN f.is_called THEN 0 ELSE 1 END FROM {JournalSql.Schema}.counted c, {JournalSql.Schema}.failed f",
            static r => (r.GetInt64(0), r.GetInt64(1)), cancellationToken);
        return new JournalReading
        {
            UpgradeId = upgradeId,
            InstalledAt = since,
            EndsAt = until,
            TablesWatched = watched.Count,
            TablesMissing = missing,
            Writes = await connection.ListAsync(
                $"SELECT number, at, transaction, table_name, operation, key::text, columns, role, application, pg_catalog.host(client) FROM {JournalSql.Schema}.writes ORDER BY number",
                ReadWrite, cancellationToken),
            NotRecorded = Math.Max(0, counts[0].Item1 - limit),
            Failures = counts[0].Item2,
        };
    });

    private async Task<List<string>> MissingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var watched = (await TriggersAsync(connection, cancellationToken))
            .Where(t => t.Fires && t.Schema == options.Schema).GroupBy(static t => t.Table).Where(static g => g.Count() == 2).Select(static g => g.Key);
        var tables = await KongTables.ClassifyAsync(connection, options.Schema, cancellationToken);
        return [.. tables.FencedUnder(options.Freeze with { AllowAcmeWrites = false }).Except(Followers).Except(watched)];
    }

    private async Task<bool> TakeDownAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await connection.ScalarAsync<bool>("SELECT pg_catalog.to_regnamespace($1) IS NOT NULL", cancellationToken, JournalSql.Schema))
        {
            return false;
        }

        await connection.ExecuteAsync(JournalSql.Silence, cancellationToken);
        var rounds = Rounds(connection);
        foreach (var group in (await TriggersAsync(connection, cancellationToken)).GroupBy(static t => (t.Schema, t.Table)))
        {
            var sql = string.Concat(group.Select(static t => $"DROP TRIGGER IF EXISTS {Quote(t.Name)} ON {Quote(t.Schema)}.{Quote(t.Table)};"));
            await rounds.RunAsync(Locking(sql, [group.Key.Table], withReaders: true), cancellationToken);
        }

        await rounds.RunAsync(Locking($"DROP SCHEMA IF EXISTS {JournalSql.Schema} CASCADE;", [], withReaders: true), cancellationToken);
        return true;
    }

    private static Func<CancellationToken, Task<LockRounds.Work?>> Locking(string sql, string[] tables, bool withReaders) =>
        _ => Task.FromResult<LockRounds.Work?>(new LockRounds.Work(sql, tables, withReaders));

    private LockRounds Rounds(NpgsqlConnection connection) => new(
        connection, new FenceOptions { UpgradeId = options.UpgradeId, Schema = options.Schema, Freeze = options.Freeze, Patience = options.Freeze.DrainTimeout }, clock);

    private static Task<List<(string Schema, string Table, string Name, bool Fires)>> TriggersAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ListAsync(JournalSql.Triggers, static r => (r.GetString(0), r.GetString(1), r.GetString(2), r.GetBoolean(3)), cancellationToken);

    private static async Task<Guid?> OwnerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await connection.ScalarAsync<bool>("SELECT pg_catalog.to_regclass($1) IS NOT NULL", cancellationToken, JournalSql.Stamp))
        {
            return null;
        }

        var owners = await connection.ListAsync($"SELECT upgrade_id FROM {JournalSql.Stamp}", static r => r.GetGuid(0), cancellationToken);
        return owners.Count == 1 ? owners[0] : null;
    }

    private static JournaledWrite ReadWrite(NpgsqlDataReader reader) => new()
    {
        Number = reader.GetInt64(0),
        At = reader.GetFieldValue<DateTimeOffset>(1),
        Transaction = reader.GetInt64(2),
        Table = reader.GetString(3),
        Operation = reader.GetString(4),
        Key = reader.IsDBNull(5) ? null : JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(reader.GetString(5)),
        Columns = reader.IsDBNull(6) ? null : reader.GetFieldValue<string[]>(6),
        Role = reader.GetString(7),
        Application = reader.IsDBNull(8) ? null : reader.GetString(8),
        Client = reader.IsDBNull(9) ? null : reader.GetString(9),
    };

    private static async Task<T> GuardAsync<T>(NpgsqlConnection connection, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }
}
