using KongUpgradeMesh.Contracts;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>A throw-away database of one upgrade, under a name that no Kong uses. Only names of this pattern are ever dropped.</summary>
public static class ScratchDatabase
{
    /// <summary>Start of every scratch database's name; the upgrade's id follows.</summary>
    public const string Prefix = "kum_scratch_";

    private const int DropWithForceSince = 13;

    /// <summary>Creates the empty scratch database of an upgrade on a server; one that an earlier try left behind is dropped first.</summary>
    /// <param name="server">Any database of that server; its admin role needs CREATEDB.</param>
    /// <param name="upgradeId">The upgrade.</param>
    /// <param name="cancellationToken">Gives up; without it each statement gives up after 60 seconds.</param>
    /// <exception cref="StepFailedException">A database failure.</exception>
    public static async Task<KongDatabase> CreateAsync(KongDatabase server, Guid upgradeId, CancellationToken cancellationToken)
    {
        await DropAsync(server, upgradeId, cancellationToken);
        var name = NameOf(upgradeId);
        await using var connection = await server.OpenMaintenanceAsync(cancellationToken);
        try
        {
            await connection.ExecuteAsync($"CREATE DATABASE {NpgsqlCommands.Quote(name)} TEMPLATE template0", cancellationToken);
            return server.WithName(name);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, server.WithName(name).ToString());
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

            await connection.ExecuteAsync($"DROP DATABASE IF EXISTS {NpgsqlCommands.Quote(name)}{(force ? " WITH (FORCE)" : "")}", cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, server.WithName(name).ToString());
        }
    }

    private static string NameOf(Guid upgradeId) => $"{Prefix}{upgradeId:N}";
}
