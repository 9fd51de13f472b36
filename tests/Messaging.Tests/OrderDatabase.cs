using Npgsql;

namespace KongUpgradeMesh.Messaging.Tests;

/// <summary>Looks at the tables past all product code.</summary>
internal sealed class OrderDatabase(string connectionString)
{
    public string ConnectionString => connectionString;

    public static async Task<OrderDatabase> CreateAsync(Servers servers) =>
        new(await servers.Postgres.CreateDatabaseAsync("t" + Guid.NewGuid().ToString("N")[..12]) + ";Maximum Pool Size=30");

    public async Task<long> CountAsync(string from)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand($"SELECT count(*) FROM {from}", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async Task<T> ReadAsync<T>(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task<int> ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
