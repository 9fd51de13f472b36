using System.Globalization;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>A table of any shape, with what is needed to write to it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Column">Its first column, quoted.</param>
/// <param name="Key">Columns of its primary key, quoted.</param>
/// <param name="Insert">A statement that inserts a row with a value in each column that needs one.</param>
internal sealed record MatrixTable(string Name, string Column, string Key, string Insert)
{
    private const string Columns = """
        SELECT quote_ident(a.attname), format_type(a.atttypid, NULL), a.attnotnull AND NOT a.atthasdef, coalesce(a.attnum = ANY (k.conkey), false)
        FROM pg_attribute a LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p'
        WHERE a.attrelid = format('public.%I', $1)::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
        """;

    private const string Cascading = """
        SELECT p.relname::text, c.relname::text,
               (SELECT string_agg(format('p.%I = c.%I', pa.attname, ca.attname), ' AND ')
                FROM unnest(k.conkey, k.confkey) AS x (child, parent)
                JOIN pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = x.child
                JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = x.parent)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
        WHERE k.contype = 'f' AND k.confdeltype = 'c' AND c.relname = ANY ($1) AND p.relname = ANY ($1)
        """;

    public string Format(string statement) => string.Format(CultureInfo.InvariantCulture, statement, Name, Column, $"({Key})");

    public static async Task<MatrixTable> ReadAsync(NpgsqlConnection connection, string name)
    {
        await using var command = new NpgsqlCommand(Columns, connection) { Parameters = { new() { Value = name } } };
        await using var reader = await command.ExecuteReaderAsync();
        var columns = new List<(string Name, string Type, bool Needed, bool Key)>();
        while (await reader.ReadAsync())
        {
            columns.Add((reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetBoolean(3)));
        }

        var needed = columns.Where(static c => c.Needed).ToList();
        var names = string.Join(", ", needed.Select(static c => c.Name));
        return new MatrixTable(
            name, columns[0].Name, string.Join(", ", columns.Where(static c => c.Key).Select(static c => c.Name)),
            $"INSERT INTO {name} ({names}) VALUES ({string.Join(", ", needed.Select(static c => Value(c.Type)))})");
    }

    /// <summary>Foreign keys among the tables over which a delete cascades and that have rows for it.</summary>
    public static async Task<IReadOnlyList<(string Parent, string Child, string Join)>> CascadesAsync(NpgsqlConnection connection, string[] tables)
    {
        var found = new List<(string Parent, string Child, string Join)>();
        await using (var command = new NpgsqlCommand(Cascading, connection) { Parameters = { new() { Value = tables } } })
        {
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                found.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
            }
        }

        var cascades = new List<(string Parent, string Child, string Join)>();
        foreach (var (parent, child, join) in found)
        {
            await using var command = new NpgsqlCommand($"SELECT EXISTS (SELECT 1 FROM {parent} p JOIN {child} c ON {join})", connection);
            if (await command.ExecuteScalarAsync() is true)
            {
                cascades.Add((parent, child, join));
            }
        }

        return cascades;
    }

    private static string Value(string type) => type switch
    {
        "uuid" => "gen_random_uuid()",
        "text" => "md5(random()::text)",
        "boolean" => "true",
        "jsonb" => "'{}'",
        "timestamp with time zone" or "timestamp without time zone" => "now() + interval '1 day'",
        _ when type.EndsWith("[]", StringComparison.Ordinal) => "'{}'",
        _ => "1",
    };
}
