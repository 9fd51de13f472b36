using KongUpgradeMesh.Contracts.Specs;
using Npgsql;

namespace KongUpgradeMesh.Lab.Demo.Freeze;

/// <summary>Short connections to a cluster's database.</summary>
public static class LabDatabase
{
    /// <summary>Opens a connection of its own; a pool would linger and could be taken for a writer that has not drained.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(DatabaseSpec database, CancellationToken cancellationToken)
    {
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = database.Host,
            Port = database.Port,
            Database = database.Name,
            Username = database.User,
            ApplicationName = "kum-lab",
            Pooling = false,
            Timeout = 3,
            CommandTimeout = 5,
        };
        var connection = new NpgsqlConnection(text.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>One number.</summary>
    public static async Task<long> CountAsync(DatabaseSpec database, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(database, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken));
    }
}
