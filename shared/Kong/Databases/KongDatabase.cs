using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Opens connections to the PostgreSQL database of one Kong cluster. Nothing is pooled: a forgotten session would block a later drop.</summary>
/// <param name="spec">Where the database is and who logs in.</param>
/// <param name="resolveSecret">Turns a reference (<c>env:NAME</c>, <c>file:/path</c>) into the secret; its exceptions pass through.</param>
public sealed class KongDatabase(DatabaseSpec spec, Func<string, string> resolveSecret)
{
    /// <summary>The name that every session of the product carries in <c>pg_stat_activity</c>.</summary>
    public const string ApplicationName = "kong-upgrade-mesh";

    private const int ConnectSeconds = 10;
    private const int CommandSeconds = 60;

    /// <summary>Where the database is and who logs in.</summary>
    public DatabaseSpec Spec => spec;

    /// <summary>Schema of Kong's tables.</summary>
    public string Schema => spec.Schema;

    /// <summary>Opens a connection as Kong's own user.</summary>
    /// <param name="cancellationToken">Gives up; without it a connect gives up after 10 seconds.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.DatabaseUnreachable"/> or <see cref="FailureCodes.DatabaseNotPermitted"/>.</exception>
    public Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        OpenAsync(spec.User, spec.Password, spec.Name, cancellationToken);

    /// <summary>Opens a connection as the role that may install triggers.</summary>
    /// <param name="cancellationToken">Gives up; without it a connect gives up after 10 seconds.</param>
    /// <exception cref="StepFailedException">As for <see cref="OpenAsync(CancellationToken)"/>.</exception>
    public Task<NpgsqlConnection> OpenAdminAsync(CancellationToken cancellationToken) =>
        OpenAsync(AdminUser, AdminPassword, spec.Name, cancellationToken);

    /// <summary>Opens a connection to the maintenance database of the same server, as the role that may create databases.</summary>
    /// <param name="cancellationToken">Gives up; without it a connect gives up after 10 seconds.</param>
    /// <exception cref="StepFailedException">As for <see cref="OpenAsync(CancellationToken)"/>.</exception>
    public Task<NpgsqlConnection> OpenMaintenanceAsync(CancellationToken cancellationToken) =>
        OpenAsync(AdminUser, AdminPassword, spec.MaintenanceDatabase, cancellationToken);

    /// <summary>Whether the server has a database of this name.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StepFailedException">The server cannot be asked: unknown is not "no".</exception>
    public async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenMaintenanceAsync(cancellationToken);
        try
        {
            return await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1)", cancellationToken, spec.Name);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, ToString());
        }
    }

    /// <summary>The same server and roles with another database.</summary>
    /// <param name="name">Name of that database.</param>
    public KongDatabase WithName(string name) => new(spec with { Name = name }, resolveSecret);

    /// <summary>Variables that make <c>pg_dump</c> and its like connect here as Kong's user; null removes a variable that would divert them.</summary>
    public IReadOnlyDictionary<string, string?> ProcessEnvironment() => Variables(spec.User, spec.Password);

    /// <summary>As <see cref="ProcessEnvironment"/>, for the role that may create databases.</summary>
    public IReadOnlyDictionary<string, string?> AdminProcessEnvironment() => Variables(AdminUser, AdminPassword);

    /// <summary>Database, host and port; no role and no secret.</summary>
    public override string ToString() => $"database {spec.Name} at {spec.Host}:{spec.Port}";

    private string AdminUser => spec.AdminUser ?? spec.User;

    private string? AdminPassword => spec.AdminPassword ?? spec.Password;

    private async Task<NpgsqlConnection> OpenAsync(string user, string? password, string database, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = spec.Host,
            Port = spec.Port,
            Username = user,
            Password = password is null ? null : resolveSecret(password),
            Database = database,
            ApplicationName = ApplicationName,
            Timeout = ConnectSeconds,
            CommandTimeout = CommandSeconds,
            KeepAlive = 30,
            Pooling = false,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (Exception exception)
        {
            await connection.DisposeAsync();
            if (exception is NpgsqlException refused)
            {
                throw DatabaseFailures.Of(refused, $"database {database} at {spec.Host}:{spec.Port}");
            }

            throw;
        }
    }

    private Dictionary<string, string?> Variables(string user, string? password) => new()
    {
        ["PGHOST"] = spec.Host,
        ["PGPORT"] = spec.Port.ToString(),
        ["PGUSER"] = user,
        ["PGPASSWORD"] = password is null ? null : resolveSecret(password),
        ["PGDATABASE"] = spec.Name,
        ["PGAPPNAME"] = ApplicationName,
        ["PGCONNECT_TIMEOUT"] = ConnectSeconds.ToString(),
        ["PGHOSTADDR"] = null,
        ["PGOPTIONS"] = null,
        ["PGSERVICE"] = null,
    };
}
