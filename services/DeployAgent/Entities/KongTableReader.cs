using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Entities;

/// <summary>Runs the queries of <see cref="KongEntityReader"/>; <c>{0}</c> stands for the quoted schema.</summary>
internal sealed class KongTableReader(NpgsqlConnection connection, string schema)
{
    private readonly string _quoted = $"\"{schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public async Task<IReadOnlySet<string>> TablesAsync(CancellationToken cancellationToken)
    {
        var names = await RowsAsync(
            "SELECT tablename::text FROM pg_catalog.pg_tables WHERE schemaname = $1", static r => r.GetString(0), cancellationToken, schema);
        return names.ToHashSet();
    }

    public async Task<bool> AnyRowAsync(string table, CancellationToken cancellationToken) =>
        (await RowsAsync($"SELECT EXISTS (SELECT 1 FROM {{0}}.{table})", static r => r.GetBoolean(0), cancellationToken))[0];

    public Task<List<string>> TextsAsync(string sql, CancellationToken cancellationToken) =>
        RowsAsync(sql, static r => r.GetString(0), cancellationToken);

    public async Task<List<T>> RowsAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] values)
    {
#pragma warning disable CA2100 // Constants of this folder; the schema is quoted above.
        await using var command = new NpgsqlCommand(sql.Replace("{0}", _quoted, StringComparison.Ordinal), connection);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
