using System.Text.Json;
using KongUpgradeMesh.Contracts;
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

    /// <summary>Puts up the fence, or repairs the same upgrade's. Holds locks for short rounds only and gives up after <see cref="FenceOptions.Patience"/>; then nothing is changed.</summary>
    /// <param name="connection">An open connection of the admin role, without a transaction.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <returns>The fence as it stands. No transaction that wrote a fenced table before is still open.</returns>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.WritersNotDrained"/> or <see cref="FailureCodes.LockTimeout"/> (transient), <see cref="FailureCodes.UpgradeAlreadyRunning"/> when another upgrade's fence stands, <see cref="FailureCodes.FenceNotHolding"/> when there is no table to fence or the fence does not hold once it is up, or a database failure.</exception>
    public Task<FenceStatus> InstallAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => GuardAsync(connection, async () =>
    {
        var expected = await FenceCatalog.ExpectedAsync(connection, options.Schema, options.Freeze, cancellationToken);
        if (expected.Count == 0)
        {
            throw FenceFailures.NothingToFence(connection.Database, options.Schema);
        }

        var tables = expected.Keys.ToArray();
        await new LockRounds(connection, options, clock).RunAsync(token => PutUpAsync(connection, expected, token), tables, cancellationToken);
        var status = await InspectAsync(connection, cancellationToken);
        return status.HoldsFor(options.UpgradeId) ? status : throw FenceFailures.NotHolding(connection.Database, status, options.UpgradeId);
    });

    /// <summary>Looks whether the fence stands and is whole; changes and locks nothing.</summary>
    /// <param name="connection">An open connection of the admin role.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">The database cannot be asked.</exception>
    public Task<FenceStatus> VerifyAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        GuardAsync(connection, () => InspectAsync(connection, cancellationToken));

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
    public Task<FenceLift> LiftAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => GuardAsync(connection, async () =>
    {
        if (!await FenceCatalog.SchemaExistsAsync(connection, cancellationToken))
        {
            return new FenceLift(false, null, 0);
        }

        if (await FenceCatalog.OwnerAsync(connection, cancellationToken) is { } owner && owner != options.UpgradeId)
        {
            return new FenceLift(false, owner, 0);
        }

        var refused = (await FenceCatalog.RefusedAsync(connection, cancellationToken)).Values.Sum();
        await connection.ExecuteAsync(FenceSql.Open, cancellationToken);
        var rounds = new LockRounds(connection, options, clock);
        foreach (var group in (await FenceCatalog.TriggersAsync(connection, cancellationToken)).GroupBy(static t => (t.Schema, t.Table)))
        {
            var sql = string.Concat(group.Select(static t =>
                $"DROP TRIGGER IF EXISTS {NpgsqlCommands.Quote(t.Name)} ON {NpgsqlCommands.Quote(t.Schema)}.{NpgsqlCommands.Quote(t.Table)};"));
            await rounds.RunAsync(token => connection.ExecuteAsync(sql, token), [group.Key.Table], cancellationToken);
        }

        await rounds.RunAsync(token => connection.ExecuteAsync($"DROP SCHEMA IF EXISTS {SchemaName} CASCADE", token), [], cancellationToken);
        return await FenceCatalog.SchemaExistsAsync(connection, cancellationToken)
            ? throw FenceFailures.Left(connection.Database)
            : new FenceLift(true, null, refused);
    });

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
        if (await FenceCatalog.OwnerAsync(connection, cancellationToken) != options.UpgradeId)
        {
            return null;
        }

        var kept = await connection.ListAsync($"SELECT fingerprint FROM {FenceSql.Stamp}", static r => r.IsDBNull(0) ? null : r.GetString(0), cancellationToken);
        return kept is [{ } json] ? JsonSerializer.Deserialize<ConfigurationFingerprint>(json) : null;
    });

    private async Task PutUpAsync(NpgsqlConnection connection, SortedDictionary<string, Allowance> expected, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(FenceSql.Serialise, cancellationToken);
        var exists = await FenceCatalog.SchemaExistsAsync(connection, cancellationToken);
        var owner = exists ? await FenceCatalog.OwnerAsync(connection, cancellationToken) : null;
        if (owner is { } other && other != options.UpgradeId)
        {
            throw FenceFailures.Foreign(connection.Database, other);
        }

        var standing = exists ? await FenceCatalog.TriggersAsync(connection, cancellationToken) : [];

        // A fence that was opened for lifting let writers in: its tables need the lock again, which drains those writers.
        var refuses = exists && await FenceCatalog.FunctionIsOursAsync(connection, options.UpgradeId, cancellationToken);
        var torn = expected.Where(e => !refuses || !IsFenced(e.Key, e.Value, standing)).ToList();
        if (torn.Count > 0)
        {
            await connection.ExecuteAsync(FenceSql.LockTables(options.Schema, torn.Select(static t => t.Key)), cancellationToken);

            // Now every lock is held: what follows is quick, and the round's limit was meant for waiting.
            await connection.ExecuteAsync(FenceSql.AllowWork, cancellationToken);
            await connection.ExecuteAsync(FenceSql.CreateStamp, cancellationToken);
            await connection.ExecuteAsync(FenceSql.CreateFunction(options.UpgradeId), cancellationToken);
            await connection.ExecuteAsync(string.Concat(torn.Select(t => FenceSql.CreateTriggers(options.Schema, t.Key, t.Value))), cancellationToken);
        }

        if (owner is null)
        {
            await connection.ExecuteAsync(FenceSql.CreateStamp, cancellationToken);
            await connection.ExecuteAsync($"DELETE FROM {FenceSql.Stamp}", cancellationToken);
            await connection.ExecuteAsync($"INSERT INTO {FenceSql.Stamp} VALUES ($1, pg_catalog.clock_timestamp())", cancellationToken, options.UpgradeId);
        }
    }

    private async Task<FenceStatus> InspectAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var expected = await FenceCatalog.ExpectedAsync(connection, options.Schema, options.Freeze, cancellationToken);
        var owner = await FenceCatalog.OwnerAsync(connection, cancellationToken);
        var triggers = await FenceCatalog.TriggersAsync(connection, cancellationToken);
        var refused = await FenceCatalog.RefusedAsync(connection, cancellationToken);
        var torn = expected.Where(e => !IsFenced(e.Key, e.Value, triggers)).Select(static e => $"table {e.Key}: trigger missing, disabled or altered").ToList();
        var fenced = expected.Count - torn.Count;
        if (owner is { } id && !await FenceCatalog.FunctionIsOursAsync(connection, id, cancellationToken))
        {
            torn.Add($"function {SchemaName}.refuse: missing or altered");
        }

        return new FenceStatus
        {
            UpgradeId = owner,
            TablesExpected = expected.Count,
            TablesFenced = fenced,
            Defects = torn,
            RefusedWrites = refused.Values.Sum(),
            RefusedByTable = refused,
        };
    }

    private bool IsFenced(string table, Allowance allowance, List<FenceCatalog.Trigger> triggers)
    {
        bool Has(string name, string argument) =>
            triggers.Any(t => t.Whole && t.Schema == options.Schema && t.Table == table && t.Name == name && t.Argument == argument);
        return Has(FenceSql.RowTrigger, allowance == Allowance.None ? "" : allowance.ToString()) && Has(FenceSql.TruncateTrigger, "");
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
