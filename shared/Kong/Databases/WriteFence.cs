using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Refuses every write to Kong's configuration tables, whoever writes, while run-time tables stay writable.</summary>
/// <remarks>
/// Row triggers and TRUNCATE triggers, all in one transaction; nothing of Kong's is altered, and <see cref="LiftAsync"/> leaves nothing behind.
/// Refusals carry SQLSTATE <c>KF001</c>. A role that owns Kong's tables can remove the triggers: it is a fence against accidents, so verify it.
/// </remarks>
/// <param name="options">Which fence, and how patient.</param>
/// <param name="clock">Measures patience and pauses.</param>
public sealed class WriteFence(FenceOptions options, TimeProvider clock)
{
    /// <summary>SQLSTATE of a refused write.</summary>
    public const string SqlState = FenceSql.SqlState;

    /// <summary>Schema that holds every object of the fence but the triggers.</summary>
    public const string SchemaName = FenceSql.Schema;

    /// <summary>Start of the name of each of the fence's triggers; nothing with this name may be restored on another cluster.</summary>
    public const string TriggerPrefix = "kum_fence_";

    /// <summary>Puts up the fence, or repairs the same upgrade's. Tries in short rounds, none of which holds another session up for longer than <see cref="FreezeSpec.LockTimeout"/>, and gives up after <see cref="FenceOptions.Patience"/>; then nothing is changed.</summary>
    /// <remarks>A repair starts the record anew: what was written while the fence was open is for the caller to find, by fingerprint.</remarks>
    /// <param name="connection">An open connection of the admin role, without a transaction.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <returns>The fence as it stands. No transaction that wrote a fenced table before is still open.</returns>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.WritersNotDrained"/> or <see cref="FailureCodes.LockTimeout"/> (transient), <see cref="FailureCodes.UpgradeAlreadyRunning"/> when another upgrade's fence stands, <see cref="FailureCodes.FenceNotHolding"/> when there is no table to fence or the fence does not hold once it is up, <see cref="FailureCodes.DatabaseVersionTooOld"/> before PostgreSQL 11, or a database failure.</exception>
    public Task<FenceStatus> InstallAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => GuardAsync(connection, async () =>
    {
        DatabaseFailures.EnsureRecent(connection);
        var expected = await FenceCatalog.ExpectedAsync(connection, options.Schema, options.Freeze, cancellationToken);
        if (expected.Count == 0)
        {
            throw FenceFailures.NothingToFence(connection.Database, options.Schema);
        }

        await new LockRounds(connection, options, clock).RunAsync(token => PrepareAsync(connection, expected, token), cancellationToken);
        var status = await FenceInspection.RunAsync(connection, options, cancellationToken);
        return status.HoldsFor(options.UpgradeId) ? status : throw FenceFailures.NotHolding(connection.Database, status, options.UpgradeId);
    });

    /// <summary>Looks whether the fence stands and is whole; changes and locks nothing.</summary>
    /// <param name="connection">An open connection of the admin role.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">The database cannot be asked.</exception>
    public Task<FenceStatus> VerifyAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        GuardAsync(connection, () => FenceInspection.RunAsync(connection, options, cancellationToken));

    /// <summary>As <see cref="VerifyAsync"/>, but a fence that does not hold for this upgrade is a failure.</summary>
    /// <param name="connection">An open connection of the admin role.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.FenceNotHolding"/>, naming each defect, or a database failure.</exception>
    public async Task<FenceStatus> RequireAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var status = await VerifyAsync(connection, cancellationToken);
        return status.HoldsFor(options.UpgradeId) ? status : throw FenceFailures.NotHolding(connection.Database, status, options.UpgradeId);
    }

    /// <summary>Removes the fence completely, also one that is half there; doing it again is harmless. Another upgrade's fence is left alone.</summary>
    /// <remarks>Writes are let through at once, without any lock; only then are the triggers removed, table by table, which needs a moment without readers.</remarks>
    /// <param name="connection">An open connection of the admin role, without a transaction.</param>
    /// <param name="cancellationToken">Gives up; call again to finish.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.LockTimeout"/> when objects are left because their tables stayed busy: writes are let through all the same. Or a database failure.</exception>
    public Task<FenceLift> LiftAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        GuardAsync(connection, () => RemoveAsync(connection, whosever: false, cancellationToken));

    /// <summary>As <see cref="LiftAsync"/>, but whosever fence it is: for a person who knows that its upgrade cannot lift it.</summary>
    /// <param name="connection">An open connection of the admin role, without a transaction.</param>
    /// <param name="cancellationToken">Gives up; call again to finish.</param>
    /// <exception cref="StepFailedException">As for <see cref="LiftAsync"/>.</exception>
    public Task<FenceLift> LiftWhoseverAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        GuardAsync(connection, () => RemoveAsync(connection, whosever: true, cancellationToken));

    /// <summary>Transactions that may have written a fenced table before the fence stood and are still open, one a line; empty when all writers are drained.</summary>
    /// <param name="connection">An open connection of the admin role.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">The database cannot be asked.</exception>
    public Task<IReadOnlyList<string>> OlderWritersAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => GuardAsync<IReadOnlyList<string>>(connection, async () =>
    {
        var expected = await FenceCatalog.ExpectedAsync(connection, options.Schema, options.Freeze, cancellationToken);
        return await FenceCatalog.OlderWritersAsync(connection, options.Schema, [.. expected.Keys], cancellationToken);
    });

    /// <summary>Keeps the fingerprint of the frozen configuration with the fence, so that whoever lifts it can tell drift.</summary>
    /// <param name="connection">An open connection of the admin role.</param>
    /// <param name="fingerprint">Taken while the fence stands.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">A database failure.</exception>
    public Task RememberAsync(NpgsqlConnection connection, ConfigurationFingerprint fingerprint, CancellationToken cancellationToken) => GuardAsync(connection, () =>
        connection.ExecuteAsync($"UPDATE {FenceSql.Stamp} SET fingerprint = $1", cancellationToken, JsonSerializer.Serialize(fingerprint)));

    /// <summary>The fingerprint kept by <see cref="RememberAsync"/>; null when there is no fence of this upgrade or none was kept.</summary>
    /// <param name="connection">An open connection of the admin role.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">A database failure.</exception>
    public Task<ConfigurationFingerprint?> RecallAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => GuardAsync(connection, async () =>
    {
        if ((await FenceStamp.ReadAsync(connection, cancellationToken))?.UpgradeId != options.UpgradeId)
        {
            return null;
        }

        var kept = await connection.ListAsync($"SELECT fingerprint FROM {FenceSql.Stamp}", static r => r.IsDBNull(0) ? null : r.GetString(0), cancellationToken);
        return kept is [{ } json] ? JsonSerializer.Deserialize<ConfigurationFingerprint>(json) : null;
    });

    // Everything that needs no lock on Kong's tables; what is returned needs them.
    private async Task<LockRounds.Work?> PrepareAsync(NpgsqlConnection connection, SortedDictionary<string, Allowance> expected, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(FenceSql.Serialise, cancellationToken);
        var exists = await FenceCatalog.SchemaExistsAsync(connection, cancellationToken);
        var stamp = exists ? await FenceStamp.ReadAsync(connection, cancellationToken) : null;
        if (stamp is not null && stamp.UpgradeId != options.UpgradeId)
        {
            throw FenceFailures.Foreign(connection.Database, stamp.UpgradeId);
        }

        // A fence that was opened, wholly or at one table and if only for a while, let writers in: its tables need the lock again, which drains those writers.
        var standing = exists ? (await FenceCatalog.TriggersAsync(connection, cancellationToken)).Where(t => t.Schema == options.Schema).ToLookup(static t => t.Table, StringComparer.Ordinal) : null;
        var function = exists ? await FenceCatalog.FunctionAsync(connection, options.UpgradeId, cancellationToken) : null;
        var record = stamp?.Record;
        bool Stood(string table, Allowance allowance) =>
            standing is not null && function is not null && function == record?.Function
            && FenceInspection.IsFenced(allowance, standing[table]) && record.Triggers.TryGetValue(table, out var mark) && mark == FenceInspection.MarkOf(standing[table]);
        var torn = expected.Where(e => !Stood(e.Key, e.Value)).Select(static e => e.Key).ToList();
        var definitions = await TableDefinitions.ReadAsync(connection, options.Schema, [.. expected.Keys], cancellationToken);
        if (torn.Count == 0 && record is not null && (await TableDefinitions.CompareAsync(connection, record.Definitions, definitions, cancellationToken)).Count == 0)
        {
            return null;
        }

        await connection.ExecuteAsync(FenceSql.CreateStamp, cancellationToken);
        await connection.ExecuteAsync(RefusalRing.Create, cancellationToken);
        await connection.ExecuteAsync(FenceSql.CreateCounters(expected.Keys), cancellationToken);
        if (function is null)
        {
            await connection.ExecuteAsync(FenceSql.CreateFunction(options.UpgradeId), cancellationToken);
        }

        if (stamp is null)
        {
            await connection.ExecuteAsync($"DELETE FROM {FenceSql.Stamp}", cancellationToken);
            await connection.ExecuteAsync($"INSERT INTO {FenceSql.Stamp} (upgrade_id, installed_at) VALUES ($1, pg_catalog.clock_timestamp())", cancellationToken, options.UpgradeId);
        }

        var order = await LockOrder.SortAsync(connection, options.Schema, torn, cancellationToken);
        var sql = (order.Count > 0 ? FenceSql.LockTables(options.Schema, order) : "")
            + string.Concat(order.Select(t => Repair(t, expected[t], standing?[t] ?? [])))
            + FenceRecord.Write(options.Schema, definitions);
        return new LockRounds.Work(sql, [.. order], WithReaders: false);
    }

    // What is right already stays: dropping a trigger needs a moment without readers, creating one does not.
    private string Repair(string table, Allowance allowance, IEnumerable<FenceCatalog.Trigger> standing)
    {
        var target = FenceSql.Target(options.Schema, table);
        var create = "";
        var enable = new List<string>();
        foreach (var (name, allows) in new[] { (FenceSql.RowTrigger, allowance), (FenceSql.TruncateTrigger, Allowance.None) })
        {
            var found = FenceInspection.Find(standing, name, allows);
            create += found is null ? FenceSql.DropTrigger(target, name) + FenceSql.CreateTrigger(target, name, allows) : "";
            if (found is not { IsOn: true })
            {
                enable.Add(name);
            }
        }

        return create + (enable.Count > 0 ? FenceSql.EnableTriggers(target, enable) : "");
    }

    private async Task<FenceLift> RemoveAsync(NpgsqlConnection connection, bool whosever, CancellationToken cancellationToken)
    {
        var (lift, opened) = await OpenAsync(connection, whosever, cancellationToken);
        if (!opened)
        {
            return lift;
        }

        var rounds = new LockRounds(connection, options, clock);
        foreach (var group in (await FenceCatalog.TriggersAsync(connection, cancellationToken)).GroupBy(static t => (t.Schema, t.Table)))
        {
            var sql = string.Concat(group.Select(static t => FenceSql.DropTrigger(FenceSql.Target(t.Schema, t.Table), t.Name)));
            await rounds.RunAsync(_ => Task.FromResult<LockRounds.Work?>(new(sql, [group.Key.Table], WithReaders: true)), cancellationToken);
        }

        await rounds.RunAsync(
            async token =>
            {
                await connection.ExecuteAsync(
                    $"SET LOCAL lock_timeout = {(long)options.Freeze.LockTimeout.TotalMilliseconds}; DROP SCHEMA IF EXISTS {SchemaName} CASCADE", token);
                return null;
            },
            cancellationToken);
        return await FenceCatalog.SchemaExistsAsync(connection, cancellationToken) ? throw FenceFailures.Left(connection.Database) : lift;
    }

    // Waits only for another session that is putting the fence up or opening it.
    private async Task<(FenceLift Lift, bool Opened)> OpenAsync(NpgsqlConnection connection, bool whosever, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync($"SET LOCAL lock_timeout = {(long)options.Patience.TotalMilliseconds}", cancellationToken);
        await connection.ExecuteAsync(FenceSql.Serialise, cancellationToken);
        if (!await FenceCatalog.SchemaExistsAsync(connection, cancellationToken))
        {
            return (new FenceLift(false, null, 0), false);
        }

        if (!whosever && await FenceStamp.ReadAsync(connection, cancellationToken) is { } stamp && stamp.UpgradeId != options.UpgradeId)
        {
            return (new FenceLift(false, stamp.UpgradeId, 0), false);
        }

        var refused = FenceCatalog.Refused(await FenceCatalog.SequencesAsync(connection, cancellationToken)).Values.Sum();
        await connection.ExecuteAsync(FenceSql.Open, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        return (new FenceLift(true, null, refused), true);
    }

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
