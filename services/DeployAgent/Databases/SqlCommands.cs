using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Databases;

/// <summary>Short forms for single statements.</summary>
internal static class SqlCommands
{
    public static async Task RunAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, TimeSpan? timeout = null)
    {
        await using var command = Create(connection, sql, []);
        command.CommandTimeout = (int)(timeout?.TotalSeconds ?? 60);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>First column of the first row; default when there is no row or it is NULL.</summary>
    public static async Task<T?> AskAsync<T>(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Create(connection, sql, values);
        return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
    }

    public static Task<List<string>> ListAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values) =>
        connection.RowsAsync(sql, static r => r.GetString(0), cancellationToken, values);

    /// <summary>Quotes an identifier.</summary>
    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Quotes identifiers into a list for a statement.</summary>
    public static string QuoteAll(IEnumerable<string> identifiers) => string.Join(", ", identifiers.Select(Quote));

    /// <summary>All rows, read one after the other.</summary>
    public static async Task<List<T>> RowsAsync<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Create(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static NpgsqlCommand Create(NpgsqlConnection connection, string sql, object[] values)
    {
#pragma warning disable CA2100 // Statements are constants of this service; identifiers in them are quoted above.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
