using KongUpgradeMesh.Contracts;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>A database of one upgrade under a name that no Kong uses: a backup is proven in it, and it may become cluster Y's. Only names of this pattern are ever dropped.</summary>
public static class ScratchDatabase
{
    /// <summary>Start of every scratch database's name; the upgrade's id follows.</summary>
    public const string Prefix = "kum_scratch_";

    private const string CopyStamp = "kong-upgrade-mesh copy of backup ";
    private const int DropWithForceSince = 13;

    /// <summary>Creates the empty scratch database of an upgrade on a server; one that an earlier try left behind is dropped first.</summary>
    /// <param name="server">Any database of that server; its admin role needs CREATEDB.</param>
    /// <param name="upgradeId">The upgrade.</param>
    /// <param name="owner">Role that is to own it, of which the admin role is a member; null: the admin role.</param>
    /// <param name="cancellationToken">Gives up; without it each statement gives up after 60 seconds.</param>
    /// <exception cref="StepFailedException">A database failure.</exception>
    public static async Task<KongDatabase> CreateAsync(KongDatabase server, Guid upgradeId, string? owner, CancellationToken cancellationToken)
    {
        await DropAsync(server, upgradeId, cancellationToken);
        var name = NameOf(upgradeId);
        await RunAsync(
            server, name, $"CREATE DATABASE {SqlCommands.Quote(name)}{(owner is null ? "" : $" OWNER {SqlCommands.Quote(owner)}")} ENCODING 'UTF8' TEMPLATE template0", cancellationToken);
        return server.WithName(name);
    }

    /// <summary>Notes that the scratch database holds exactly what a complete backup holds.</summary>
    /// <param name="server">Any database of that server.</param>
    /// <param name="upgradeId">The upgrade.</param>
    /// <param name="backupId">The backup; complete, since what is noted must be true.</param>
    /// <param name="cancellationToken">Gives up; without it the statement gives up after 60 seconds.</param>
    /// <exception cref="StepFailedException">A database failure.</exception>
    public static Task MarkCopyAsync(KongDatabase server, Guid upgradeId, string backupId, CancellationToken cancellationToken) =>
        RunAsync(server, NameOf(upgradeId), $"COMMENT ON DATABASE {SqlCommands.Quote(NameOf(upgradeId))} IS {SqlCommands.Literal(CopyStamp + backupId)}", cancellationToken);

    /// <summary>Gives a copy of the backup another name and comment, so that it is no scratch database any more.</summary>
    /// <param name="server">Any database of that server.</param>
    /// <param name="upgradeId">The upgrade.</param>
    /// <param name="backupId">The backup it must be a copy of.</param>
    /// <param name="name">The new name; no database may have it.</param>
    /// <param name="comment">The new comment, in place before the new name is: whoever sees the name sees whose it is.</param>
    /// <param name="cancellationToken">Gives up; without it each statement gives up after 60 seconds.</param>
    /// <returns>False when there is no such copy; then nothing was changed.</returns>
    /// <exception cref="StepFailedException">A database failure; what is left under the scratch name is no copy any more and gets dropped.</exception>
    public static async Task<bool> TryAdoptAsync(
        KongDatabase server, Guid upgradeId, string backupId, string name, string comment, CancellationToken cancellationToken)
    {
        var scratch = NameOf(upgradeId);
        await using var connection = await server.OpenMaintenanceAsync(cancellationToken);
        try
        {
            var stamps = await connection.ListAsync(
                "SELECT pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database WHERE datname = $1",
                static r => r.IsDBNull(0) ? null : r.GetString(0), cancellationToken, scratch);
            if (stamps is not [{ } stamp] || stamp != CopyStamp + backupId)
            {
                return false;
            }

            await connection.ExecuteAsync("SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1", cancellationToken, scratch);
            await connection.ExecuteAsync($"COMMENT ON DATABASE {SqlCommands.Quote(scratch)} IS {SqlCommands.Literal(comment)}", cancellationToken);
            await connection.ExecuteAsync($"ALTER DATABASE {SqlCommands.Quote(scratch)} RENAME TO {SqlCommands.Quote(name)}", cancellationToken);
            return true;
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, server.WithName(scratch).ToString());
        }
    }

    /// <summary>Drops the scratch database of an upgrade, ending its sessions; harmless when there is none.</summary>
    /// <param name="server">Any database of that server.</param>
    /// <param name="upgradeId">The upgrade.</param>
    /// <param name="cancellationToken">Gives up; without it each statement gives up after 60 seconds.</param>
    /// <exception cref="StepFailedException">A database failure.</exception>
    public static async Task DropAsync(KongDatabase server, Guid upgradeId, CancellationToken cancellationToken)
    {
        var name = NameOf(upgradeId);
        await using var connection = await server.OpenMaintenanceAsync(cancellationToken);
        try
        {
            var force = connection.PostgreSqlVersion.Major >= DropWithForceSince;
            if (!force)
            {
                await connection.ExecuteAsync("SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1", cancellationToken, name);
            }

            await connection.ExecuteAsync($"DROP DATABASE IF EXISTS {SqlCommands.Quote(name)}{(force ? " WITH (FORCE)" : "")}", cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, server.WithName(name).ToString());
        }
    }

    private static async Task RunAsync(KongDatabase server, string name, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await server.OpenMaintenanceAsync(cancellationToken);
        try
        {
            await connection.ExecuteAsync(sql, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, server.WithName(name).ToString());
        }
    }

    private static string NameOf(Guid upgradeId) => $"{Prefix}{upgradeId:N}";
}
