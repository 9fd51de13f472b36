using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Databases;

/// <summary>Cluster Y's database as an object that this upgrade owns: stamped with its id, so that a repeat may remove what it made itself and nothing else.</summary>
internal sealed class TargetDatabase(ClusterDatabases databases, Guid upgradeId)
{
    private const string StampPrefix = "kong-upgrade-mesh upgrade ";

    // Object ids below this one belong to PostgreSQL itself.
    private const int FirstUserOid = 16384;

    private string Stamp => StampPrefix + upgradeId.ToString("D");

    private string Quoted => SqlCommands.Quote(databases.Y.Spec.Name);

    /// <summary>What is there now. Reads only; compares the identity with cluster X's when something is there.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SameDatabase"/>, or one of the servers cannot be asked.</exception>
    public async Task<TargetState> InspectAsync(CancellationToken cancellationToken)
    {
        if (!await databases.Y.ExistsAsync(cancellationToken))
        {
            return TargetState.Absent;
        }

        await using var connection = await databases.Y.OpenAdminAsync(cancellationToken);
        DatabaseIdentity.EnsureDistinct(
            await ClusterDatabases.IdentityAsync(databases.X, cancellationToken),
            await DatabaseIdentity.ReadAsync(connection, cancellationToken));
        try
        {
            var stamp = await connection.ScalarOrDefaultAsync<string>(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()", cancellationToken);
            return stamp == Stamp ? TargetState.Own
                : stamp is null && await IsEmptyAsync(connection, cancellationToken) ? TargetState.Empty
                : TargetState.Foreign;
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, databases.Y.ToString());
        }
    }

    /// <summary>Refuses unless this upgrade made the database.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.DatabaseNotEmpty"/>.</exception>
    public async Task EnsureOwnAsync(CancellationToken cancellationToken)
    {
        if (await InspectAsync(cancellationToken) != TargetState.Own)
        {
            throw Foreign();
        }
    }

    /// <summary>Leaves an empty, stamped database, owned by cluster Y's user.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.DatabaseNotEmpty"/> when the database is somebody else's.</exception>
    public async Task RecreateAsync(CancellationToken cancellationToken)
    {
        var state = await InspectAsync(cancellationToken);
        if (state == TargetState.Foreign)
        {
            throw Foreign();
        }

        await using var maintenance = await databases.Y.OpenMaintenanceAsync(cancellationToken);
        try
        {
            if (state == TargetState.Own)
            {
                await DropAsync(maintenance, cancellationToken);
            }

            if (state != TargetState.Empty)
            {
                await maintenance.ExecuteWithinAsync(
                    $"CREATE DATABASE {Quoted} OWNER {SqlCommands.Quote(databases.Y.Spec.User)} ENCODING 'UTF8' TEMPLATE template0", TimeSpan.FromMinutes(5), cancellationToken);
            }

            await maintenance.ExecuteAsync($"COMMENT ON DATABASE {Quoted} IS '{Stamp}'", cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, databases.Y.ToString());
        }
    }

    /// <summary>Makes the copy that proved the backup the database, where the backup agent kept it on this server; what an earlier try of this upgrade made is dropped first.</summary>
    /// <returns>False when there is no copy of this backup, or an empty database stands in its place: somebody else's settings of it must stay. Nothing was changed then.</returns>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.DatabaseNotEmpty"/> when the database is somebody else's.</exception>
    public async Task<bool> TryAdoptCopyAsync(string backupId, CancellationToken cancellationToken)
    {
        var state = await InspectAsync(cancellationToken);
        if (state == TargetState.Foreign)
        {
            throw Foreign();
        }

        if (state == TargetState.Own)
        {
            await using var maintenance = await databases.Y.OpenMaintenanceAsync(cancellationToken);
            try
            {
                await DropAsync(maintenance, cancellationToken);
            }
            catch (NpgsqlException exception)
            {
                throw DatabaseFailures.Of(exception, databases.Y.ToString());
            }
        }

        return state != TargetState.Empty && await ScratchDatabase.TryAdoptAsync(databases.Y, upgradeId, backupId, databases.Y.Spec.Name, Stamp, cancellationToken);
    }

    public Failure ForeignFailure() => new()
    {
        Code = FailureCodes.DatabaseNotEmpty,
        Message = $"{databases.Y} holds data that this upgrade did not put there.",
        Remedy = "Name another database in spec.to.database, or drop this one yourself if nobody needs it; nothing was changed.",
    };

    private StepFailedException Foreign() => new(ForeignFailure());

    private async Task DropAsync(NpgsqlConnection maintenance, CancellationToken cancellationToken)
    {
        // What is left of a killed migration or restore may still be connected; nodes of cluster Y were stopped before.
        await maintenance.ExecuteAsync(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {SqlCommands.Literal(databases.Y.Spec.Name)} AND pid <> pg_backend_pid()",
            cancellationToken);
        await maintenance.ExecuteWithinAsync($"DROP DATABASE {Quoted}", TimeSpan.FromMinutes(5), cancellationToken);
    }

    private static async Task<bool> IsEmptyAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        !await connection.ScalarOrDefaultAsync<bool>(
            $"""
            SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                           WHERE c.oid >= {FirstUserOid} AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
            """,
            cancellationToken);
}
