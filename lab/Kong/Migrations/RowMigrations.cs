using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Migrations;

/// <summary>The parts of 3.0's migrations that rewrite rows: route paths at <c>up</c>, plugin configurations at <c>up</c> and <c>finish</c>.</summary>
internal static class RowMigrations
{
    public static Task UpAsync(Migration migration, NpgsqlConnection connection, CancellationToken cancellationToken) => (migration.Subsystem, migration.Name) switch
    {
        ("core", "016_280_to_300") => ConvertRoutePathsAsync(connection, cancellationToken),
        ("pre-function" or "post-function", "001_280_to_300") => RewritePluginsAsync(migration.Subsystem, AddFunctionsToAccess, connection, cancellationToken),
        _ => Task.CompletedTask,
    };

    public static Task FinishAsync(Migration migration, NpgsqlConnection connection, CancellationToken cancellationToken) => (migration.Subsystem, migration.Name) switch
    {
        ("http-log", "001_280_to_300") => RewritePluginsAsync("http-log", JoinHeaderValues, connection, cancellationToken),
        ("pre-function" or "post-function", "001_280_to_300") => RewritePluginsAsync(migration.Subsystem, RemoveFunctions, connection, cancellationToken),
        _ => Task.CompletedTask,
    };

    private static async Task ConvertRoutePathsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var changed = new List<(Guid Id, string[] Paths)>();
        await using (var read = new NpgsqlCommand("SELECT id, paths FROM routes WHERE paths IS NOT NULL", connection))
        await using (var rows = await read.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                var paths = rows.GetFieldValue<string[]>(1);
                string[] converted = [.. paths.Select(PathConversion.Convert)];
                if (!paths.SequenceEqual(converted, StringComparer.Ordinal))
                {
                    changed.Add((rows.GetGuid(0), converted));
                }
            }
        }

        foreach (var (id, paths) in changed)
        {
            await using var write = new NpgsqlCommand("UPDATE routes SET paths = $1 WHERE id = $2", connection);
            write.Parameters.AddWithValue(paths);
            write.Parameters.AddWithValue(id);
            await write.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task RewritePluginsAsync(string name, Func<JsonObject, bool> rewrite, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var changed = new List<(Guid Id, string Config)>();
        await using (var read = new NpgsqlCommand("SELECT id, config FROM plugins WHERE name = $1", connection))
        {
            read.Parameters.AddWithValue(name);
            await using var rows = await read.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                if (JsonNode.Parse(rows.GetString(1)) is JsonObject config && rewrite(config))
                {
                    changed.Add((rows.GetGuid(0), LuaEncoded(config).ToJsonString(Plain)));
                }
            }
        }

        foreach (var (id, config) in changed)
        {
            await using var write = new NpgsqlCommand("UPDATE plugins SET config = $1::jsonb WHERE id = $2", connection);
            write.Parameters.AddWithValue(config);
            write.Parameters.AddWithValue(id);
            await write.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static bool AddFunctionsToAccess(JsonObject config)
    {
        if (config["functions"] is not JsonArray functions)
        {
            return false;
        }

        var access = config["access"] as JsonArray;
        if (access is null)
        {
            config["access"] = access = [];
        }

        foreach (var function in functions)
        {
            access.Add(function?.DeepClone());
        }

        return true;
    }

    // The real migration leaves an empty list where it is.
    private static bool RemoveFunctions(JsonObject config) => config["functions"] is JsonArray { Count: > 0 } && config.Remove("functions");

    private static bool JoinHeaderValues(JsonObject config)
    {
        if (config["headers"] is not JsonObject headers)
        {
            return false;
        }

        var changed = false;
        foreach (var (header, value) in headers.ToList())
        {
            if (value is JsonArray values)
            {
                headers[header] = string.Join(", ", values.Select(v => v?.ToString()));
                changed = true;
            }
        }

        return changed;
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Kong's own JSON library cannot tell an empty array from an empty object and writes "{}" for both.
    private static JsonNode LuaEncoded(JsonNode node)
    {
        switch (node)
        {
            case JsonArray { Count: 0 }:
                return new JsonObject();
            case JsonArray array:
                return new JsonArray([.. array.Select(item => item is null ? null : LuaEncoded(item.DeepClone()))]);
            case JsonObject record:
                var copy = new JsonObject();
                foreach (var (key, value) in record)
                {
                    copy[key] = value is null ? null : LuaEncoded(value.DeepClone());
                }

                return copy;
            default:
                return node;
        }
    }
}
