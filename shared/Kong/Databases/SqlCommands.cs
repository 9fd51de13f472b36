using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Single statements on a connection, with positional parameters (<c>$1</c>, <c>$2</c>).</summary>
/// <remarks>A statement is bounded by the connection's command timeout (30 seconds unless the connection says otherwise) where no other bound is given.</remarks>
public static class SqlCommands
{
    /// <summary>Runs a statement.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="sql">The statement; names in it are quoted by <see cref="Quote"/>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="values">Its parameters, in their order.</param>
    /// <returns>The number of rows that were changed; -1 for a statement that changes none by nature.</returns>
    /// <exception cref="NpgsqlException">The server refused it or did not answer in time.</exception>
    public static async Task<int> ExecuteAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Create(connection, sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs a statement that may take longer, or must end sooner, than the connection's bound.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="sql">The statement; names in it are quoted by <see cref="Quote"/>.</param>
    /// <param name="bound">How long it may take, in whole seconds.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="NpgsqlException">The server refused it or did not answer in time.</exception>
    public static async Task ExecuteWithinAsync(this NpgsqlConnection connection, string sql, TimeSpan bound, CancellationToken cancellationToken)
    {
        await using var command = Create(connection, sql, []);
        command.CommandTimeout = (int)bound.TotalSeconds;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>First column of the first row.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="sql">The query; names in it are quoted by <see cref="Quote"/>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="values">Its parameters, in their order.</param>
    /// <exception cref="InvalidOperationException">There is no row.</exception>
    /// <exception cref="NpgsqlException">The server refused it or did not answer in time.</exception>
    public static async Task<T> ScalarAsync<T>(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Create(connection, sql, values);
        return (T)(await command.ExecuteScalarAsync(cancellationToken) ?? throw new InvalidOperationException("The query returned no row."));
    }

    /// <summary>As <see cref="ScalarAsync{T}"/>, but the default where there is no row or its value is NULL.</summary>
    public static async Task<T?> ScalarOrDefaultAsync<T>(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Create(connection, sql, values);
        return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
    }

    /// <summary>All rows, read one after the other.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="sql">The query; names in it are quoted by <see cref="Quote"/>.</param>
    /// <param name="read">Makes an element of the row that the reader stands on.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="values">Its parameters, in their order.</param>
    /// <exception cref="NpgsqlException">The server refused it or did not answer in time.</exception>
    public static async Task<List<T>> ListAsync<T>(
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

    /// <summary>The first column of all rows, as text.</summary>
    /// <inheritdoc cref="ListAsync{T}"/>
    public static Task<List<string>> ListAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values) =>
        connection.ListAsync(sql, static row => row.GetString(0), cancellationToken, values);

    /// <summary>Quotes an identifier.</summary>
    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Quotes identifiers into a list for a statement.</summary>
    public static string QuoteAll(IEnumerable<string> identifiers) => string.Join(", ", identifiers.Select(Quote));

    /// <summary>Quotes a string constant; standard_conforming_strings is on since PostgreSQL 9.1.</summary>
    public static string Literal(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private static NpgsqlCommand Create(NpgsqlConnection connection, string sql, object[] values)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Statements are constants of their callers; names in them are quoted by Quote and Literal.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
