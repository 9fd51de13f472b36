using System.Security.Cryptography;
using System.Text;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Kong.Restoring;

/// <summary>The place of one restore on a server: a working database under a name that no Kong uses, and a session that keeps others from restoring to the same name.</summary>
internal sealed class RestorePlace : IAsyncDisposable
{
    private const string Prefix = "kum_restore_";
    private const int DropWithForceSince = 13;

    // Object ids below this one belong to PostgreSQL itself.
    private const int FirstUserOid = 16384;

    private readonly KongDatabase _target;
    private readonly NpgsqlConnection _maintenance;

    private RestorePlace(KongDatabase target, NpgsqlConnection maintenance)
    {
        _target = target;
        _maintenance = maintenance;
        Working = target.WithName(Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(target.Spec.Name)))[..16]);
    }

    public KongDatabase Working { get; }

    /// <summary>Makes sure that the target may appear, and creates the working database; what a crash left of it is dropped.</summary>
    public static async Task<RestorePlace> OccupyAsync(StoredBackup backup, KongDatabase target, CancellationToken cancellationToken)
    {
        var place = new RestorePlace(target, await target.OpenMaintenanceAsync(cancellationToken));
        try
        {
            await place.EnsureNotOriginAsync(backup.Manifest, cancellationToken);
            place.EnsureNewEnough(backup.Manifest);
            await place.EnsureFreeAsync(backup.Manifest, cancellationToken);
            if (!await place._maintenance.ScalarAsync<bool>("SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended($1, 0))", cancellationToken, place.Working.Spec.Name))
            {
                throw RestoreFailures.Busy(target);
            }

            await place.DropAsync(cancellationToken);
            await place._maintenance.ExecuteAsync($"CREATE DATABASE {SqlCommands.Quote(place.Working.Spec.Name)} TEMPLATE template0 ENCODING 'UTF8'", cancellationToken);
            return place;
        }
        catch (Exception exception)
        {
            await place.DisposeAsync();
            throw exception is NpgsqlException refused ? DatabaseFailures.Of(refused, target.ToString()) : exception;
        }
    }

    /// <summary>Gives the proven copy its name; an empty database of that name makes room.</summary>
    public async Task<DatabaseIdentity> NameAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await ExistsAsync(cancellationToken))
            {
                // Looked at again: it may have been filled since. Without force, so that a session in it stops this.
                await EnsureEmptyAsync(cancellationToken);
                await _maintenance.ExecuteAsync($"DROP DATABASE {SqlCommands.Quote(_target.Spec.Name)}", cancellationToken);
            }

            await _maintenance.ExecuteAsync(
                $"ALTER DATABASE {SqlCommands.Quote(Working.Spec.Name)} RENAME TO {SqlCommands.Quote(_target.Spec.Name)}", cancellationToken);
            await using var named = await _target.OpenAdminAsync(cancellationToken);
            return await DatabaseIdentity.ReadAsync(named, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, _target.ToString());
        }
    }

    /// <summary>Drops the working database, ending its sessions; harmless when there is none.</summary>
    public async Task DropAsync(CancellationToken cancellationToken)
    {
        var name = Working.Spec.Name;
        var force = _maintenance.PostgreSqlVersion.Major >= DropWithForceSince;
        if (!force)
        {
            await _maintenance.ExecuteAsync("SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1", cancellationToken, name);
        }

        await _maintenance.ExecuteAsync($"DROP DATABASE IF EXISTS {SqlCommands.Quote(name)}{(force ? " WITH (FORCE)" : "")}", cancellationToken);
    }

    public ValueTask DisposeAsync() => _maintenance.DisposeAsync();

    // By physical identity: a host name proves nothing. The name counts even while no such database exists, because cluster X's nodes would connect to it.
    private async Task EnsureNotOriginAsync(BackupManifest manifest, CancellationToken cancellationToken)
    {
        var origin = DatabaseIdentity.TryParse(manifest.DatabaseIdentity) ?? throw RestoreFailures.OriginUnknown(manifest);
        var here = await DatabaseIdentity.ReadAsync(_maintenance, cancellationToken);
        if (here.SystemIdentifier != origin.SystemIdentifier)
        {
            return;
        }

        var isOrigin = _target.Spec.Name == origin.Name
            || await _maintenance.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1 AND oid::bigint = $2)", cancellationToken, _target.Spec.Name, (long)origin.Oid);
        if (isOrigin)
        {
            throw RestoreFailures.IsOrigin(_target, origin);
        }
    }

    private void EnsureNewEnough(BackupManifest manifest)
    {
        var major = _maintenance.PostgreSqlVersion.Major;
        if (int.TryParse(manifest.ServerVersion.Split('.')[0], out var dumped) && major < dumped)
        {
            throw RestoreFailures.TooOld(_target, major, dumped);
        }
    }

    private async Task EnsureFreeAsync(BackupManifest manifest, CancellationToken cancellationToken)
    {
        if (_target.Spec.Name.StartsWith(Prefix, StringComparison.Ordinal) || _target.Spec.Name == _target.Spec.MaintenanceDatabase || _target.Spec.Schema != manifest.Schema)
        {
            throw RestoreFailures.NotATarget(_target, manifest);
        }

        if (await ExistsAsync(cancellationToken))
        {
            await EnsureEmptyAsync(cancellationToken);
        }
    }

    private Task<bool> ExistsAsync(CancellationToken cancellationToken) =>
        _maintenance.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1)", cancellationToken, _target.Spec.Name);

    private async Task EnsureEmptyAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _target.OpenAdminAsync(cancellationToken);
        var isEmpty = !await connection.ScalarAsync<bool>(
            $"""
            SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                           WHERE c.oid >= {FirstUserOid} AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
            """,
            cancellationToken);
        if (!isEmpty)
        {
            throw RestoreFailures.NotEmpty(_target);
        }
    }
}
