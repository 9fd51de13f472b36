using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Schemas;
using Npgsql;
using NpgsqlTypes;

namespace KongUpgradeMesh.Lab.StandInKong.Storage;

/// <summary>Reads and writes entities of every kind; each write also leaves the event by which the other nodes hear of it.</summary>
internal sealed class EntityStore(KongDatabase database, SchemaCatalog schemas, Guid nodeId, TimeProvider time)
{
    private static readonly HashSet<string> NoColumns = new(StringComparer.Ordinal);

    public Guid WorkspaceId => database.WorkspaceId;

    /// <summary>One page, ordered by id; one row more than asked for tells the caller that there is a next page.</summary>
    public async Task<List<JsonObject>> ListAsync(EntitySchema schema, EntityQuery query, CancellationToken cancellationToken)
    {
        var conditions = new List<string>();
        await using var command = database.Source.CreateCommand();
        void Where(string condition, object value)
        {
            command.Parameters.AddWithValue(value);
            conditions.Add(condition.Replace("?", "$" + command.Parameters.Count, StringComparison.Ordinal));
        }

        if (schema.Fields.Any(f => f.IsTtl))
        {
            conditions.Add("(ttl IS NULL OR ttl >= CURRENT_TIMESTAMP)");
        }

        if (query.After is { } after)
        {
            Where("id > ?", after);
        }

        if (query.TagsAll is { } all)
        {
            Where("tags @> ?", all);
        }

        if (query.TagsAny is { } any)
        {
            Where("tags && ?", any);
        }

        if (query.Filter is { } filter)
        {
            Where($"{RowFormat.Quote(filter.Column)} = ?", filter.Value);
        }

        var where = conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
        var limit = query.Size == int.MaxValue - 1 ? "" : $" LIMIT {query.Size + 1}";
        command.CommandText = $"SELECT {Select(schema)} FROM {schema.Table}{where} ORDER BY id{limit}";
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var entities = new List<JsonObject>();
        while (await rows.ReadAsync(cancellationToken))
        {
            entities.Add(Parse(schema, rows.GetString(0)));
        }

        return entities;
    }

    public async Task<JsonObject?> FindAsync(EntitySchema schema, string column, object value, CancellationToken cancellationToken)
    {
        var rows = await ListAsync(schema, new EntityQuery(Size: 1, Filter: (column, value)), cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <exception cref="PostgresException">The database refused: a constraint, or a fence.</exception>
    public async Task<JsonObject> InsertAsync(EntitySchema schema, JsonObject entity, CancellationToken cancellationToken)
    {
        var row = Row(schema, entity);
        var names = string.Join(", ", row.Select(c => RowFormat.Quote(c.Key)));
        return await WriteAsync(
            schema,
            $"INSERT INTO {schema.Table} ({names}) SELECT {names} FROM jsonb_populate_record(NULL::{schema.Table}, $1) RETURNING {Select(schema)}",
            row,
            cancellationToken) ?? throw new InvalidOperationException("an INSERT returned no row");
    }

    /// <summary>Overwrites all columns of the row with the entity's id; null when it has gone.</summary>
    public Task<JsonObject?> UpdateAsync(EntitySchema schema, JsonObject entity, CancellationToken cancellationToken)
    {
        var row = Row(schema, entity);
        var names = row.Select(c => c.Key).Where(c => c is not ("id" or "created_at" or "ws_id")).Select(RowFormat.Quote).ToList();
        var assignments = string.Join(", ", names.Select(n => $"{n} = new.{n}"));
        return WriteAsync(
            schema,
            $"UPDATE {schema.Table} AS old SET {assignments} FROM jsonb_populate_record(NULL::{schema.Table}, $1) AS new WHERE old.id = new.id RETURNING (SELECT {Select(schema)} FROM (SELECT old.*) AS stored)",
            row,
            cancellationToken);
    }

    public async Task<bool> DeleteAsync(EntitySchema schema, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"DELETE FROM {schema.Table} WHERE id = $1", connection);
        command.Parameters.AddWithValue(id);
        var deleted = await command.ExecuteNonQueryAsync(cancellationToken) > 0;
        if (deleted)
        {
            await AnnounceAsync(connection, schema, id, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return deleted;
    }

    private async Task<JsonObject?> WriteAsync(EntitySchema schema, string sql, JsonObject row, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = row.ToJsonString(), NpgsqlDbType = NpgsqlDbType.Jsonb });
        if (await command.ExecuteScalarAsync(cancellationToken) is not string text)
        {
            return null;
        }

        await AnnounceAsync(connection, schema, Guid.Parse((string)row["id"]!), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Parse(schema, text);
    }

    private async Task AnnounceAsync(NpgsqlConnection connection, EntitySchema schema, Guid id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            INSERT INTO cluster_events (id, node_id, at, nbf, expire_at, channel, data)
            VALUES ($1, $2, date_trunc('milliseconds', clock_timestamp()), NULL, date_trunc('milliseconds', clock_timestamp()) + interval '1 hour', 'invalidations', $3)
            """, connection);
        command.Parameters.AddWithValue(Guid.NewGuid());
        command.Parameters.AddWithValue(nodeId);
        command.Parameters.AddWithValue($"{schema.Table}:{id}:::::{database.WorkspaceId}");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private JsonObject Row(EntitySchema schema, JsonObject entity)
    {
        var row = RowFormat.ToRow(schema, entity, time.GetUtcNow());
        row["ws_id"] = database.WorkspaceId.ToString();
        row["cache_key"] = CacheKey(schema, entity);
        var columns = Columns(schema);
        foreach (var absent in row.Select(c => c.Key).Where(c => !columns.Contains(c)).ToList())
        {
            row.Remove(absent);
        }

        return row;
    }

    // The unique cache key is what makes a second plugin of one name on one service, or a second equal ACL group, impossible.
    private string? CacheKey(EntitySchema schema, JsonObject entity)
    {
        string Id(string field) => (string?)entity[field]?["id"] ?? "";
        return schema.Table switch
        {
            "plugins" => $"plugins:{entity["name"]}:{Id("route")}:{Id("service")}:{Id("consumer")}::{database.WorkspaceId}",
            "acls" => $"acls:{Id("consumer")}:{entity["group"]}::::{database.WorkspaceId}",
            "targets" => $"targets:{Id("upstream")}:{entity["target"]}::::{database.WorkspaceId}",
            "keys" => $"keys:{entity["kid"]}:{Id("set")}",
            "filter_chains" => $"filter_chains:{Id("route")}:{Id("service")}::::{database.WorkspaceId}",
            _ => null,
        };
    }

    private JsonObject Parse(EntitySchema schema, string text)
    {
        var entity = (JsonObject)JsonNode.Parse(text)!;
        if (schema.Table == "plugins" && schemas.Plugin((string)entity["name"]!) is { } plugin && entity["config"] is JsonObject config)
        {
            entity["config"] = plugin.Effective(config);
        }

        // A row that an older release wrote lacks the fields that came later.
        foreach (var field in schema.Fields)
        {
            if (field is { Type: "record", IsOpen: false } && entity[field.Name] is JsonObject record)
            {
                field.Complete(record);
            }
        }

        return entity;
    }

    private string Select(EntitySchema schema) => RowFormat.SelectExpression(schema, Columns(schema));

    private HashSet<string> Columns(EntitySchema schema) => database.Columns.GetValueOrDefault(schema.Table) ?? NoColumns;
}
