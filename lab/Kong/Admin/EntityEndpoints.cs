using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Node;
using KongUpgradeMesh.Lab.StandInKong.Schemas;
using KongUpgradeMesh.Lab.StandInKong.Storage;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>Lists, reads and writes entities, at the top level or under a parent.</summary>
internal sealed class EntityEndpoints(EntityStore store, EntityValidator validator, EntityDefaults defaults, SnapshotKeeper keeper, SchemaCatalog schemas, Flavour flavour, TimeProvider time)
{
    private const int DefaultPage = 100;
    private const int LargestPage = 1000;

    public async Task<AdminAnswer> CollectionAsync(EntitySchema schema, Parent? parent, HttpContext context, CancellationToken cancellationToken) => context.Request.Method switch
    {
        "GET" or "HEAD" => await ListAsync(schema, parent, context, cancellationToken),
        "POST" => await CreateAsync(schema, parent, null, context, cancellationToken),
        _ => AdminAnswer.MethodNotAllowed,
    };

    public async Task<AdminAnswer> ItemAsync(EntitySchema schema, Parent? parent, string key, HttpContext context, CancellationToken cancellationToken)
    {
        if (context.Request.Method is not ("GET" or "HEAD" or "PUT" or "PATCH" or "DELETE"))
        {
            return AdminAnswer.MethodNotAllowed;
        }

        // A wrong PATCH is refused for its content before anybody looks for the entity.
        var body = context.Request.Method is "PUT" or "PATCH" ? await RequestBody.ReadAsync(context, schema, cancellationToken) : [];
        var found = await FindAsync(schema, key, cancellationToken);
        if (found is not null && parent is not null && (string?)found[parent.Field]?["id"] != parent.Id)
        {
            found = null;
        }

        switch (context.Request.Method)
        {
            case "PUT":
                return await PutAsync(schema, parent, key, found, body, cancellationToken);
            case "PATCH":
                return found is null
                    ? throw AdminErrorException.NotFound(Guid.TryParse(key, out _) ? "id" : schema.KeyField ?? "id", key)
                    : AdminAnswer.Ok(await ChangeAsync(schema, found, body, cancellationToken));
            case "DELETE":
                if (found is not null && await RemoveAsync(schema, Guid.Parse((string)found["id"]!), cancellationToken))
                {
                    await keeper.RefreshAsync(CancellationToken.None);
                }

                return AdminAnswer.NoContent;
            default:
                return found is null ? AdminAnswer.NotFound : AdminAnswer.Ok(found);
        }
    }

    public async Task<JsonObject?> FindAsync(EntitySchema schema, string key, CancellationToken cancellationToken)
    {
        var found = Guid.TryParse(key, out var id) ? await store.FindAsync(schema, "id", id, cancellationToken) : null;
        if (found is null && schema.KeyField is { } field)
        {
            found = await store.FindAsync(schema, field, key, cancellationToken);
        }

        if (found is null && schema.Table == "certificates" && await store.FindAsync(schemas.Entity("snis"), "name", key, cancellationToken) is { } sni)
        {
            found = await store.FindAsync(schema, "id", Guid.Parse((string)sni["certificate"]!["id"]!), cancellationToken);
        }

        return found is null ? null : await WithNamesAsync(schema, found, cancellationToken);
    }

    public async Task<AdminAnswer> CreateAsync(EntitySchema schema, Parent? parent, string? id, HttpContext context, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(context, schema, cancellationToken);
        if (id is not null)
        {
            body["id"] = id;
        }

        return AdminAnswer.Created(await InsertAsync(schema, parent, body, cancellationToken));
    }

    private async Task<AdminAnswer> ListAsync(EntitySchema schema, Parent? parent, HttpContext context, CancellationToken cancellationToken)
    {
        var parameters = context.Request.Query;
        var size = DefaultPage;
        if (parameters.TryGetValue("size", out var text) && (!int.TryParse(text, out size) || size is < 1 or > LargestPage))
        {
            throw AdminErrorException.Size();
        }

        var tags = parameters["tags"].ToString();
        var query = new EntityQuery(
            parameters.TryGetValue("offset", out var offset) ? DecodeOffset(offset.ToString()) : null,
            size,
            tags.Length > 0 && !tags.Contains('/', StringComparison.Ordinal) ? tags.Split(',') : null,
            tags.Contains('/', StringComparison.Ordinal) ? tags.Split('/') : null,
            parent is not null ? (parent.Field + "_id", Guid.Parse(parent.Id))
                : schema.Table == "consumers" && parameters["custom_id"].ToString() is { Length: > 0 } custom ? ("custom_id", custom)
                : null);
        var rows = await store.ListAsync(schema, query, cancellationToken);
        var more = rows.Count > size;
        var data = new JsonArray();
        foreach (var row in rows.Take(size))
        {
            data.Add((JsonNode)await WithNamesAsync(schema, row, cancellationToken));
        }

        var answer = new JsonObject { ["data"] = data, ["next"] = null };
        if (more)
        {
            var next = EncodeOffset((string)rows[size - 1]["id"]!);
            answer["offset"] = next;

            // 2.x forgets the size on the second page.
            var keepSize = flavour.IsThree && parameters.ContainsKey("size") ? $"&size={size}" : "";
            answer["next"] = $"{context.Request.Path}?offset={next}{keepSize}{(tags.Length > 0 ? "&tags=" + tags : "")}";
        }

        return AdminAnswer.Ok(answer);
    }

    private async Task<AdminAnswer> PutAsync(EntitySchema schema, Parent? parent, string key, JsonObject? found, JsonObject body, CancellationToken cancellationToken)
    {
        if (found is null)
        {
            body[Guid.TryParse(key, out _) ? "id" : schema.KeyField ?? "id"] = key;
            return AdminAnswer.Ok(await InsertAsync(schema, parent, body, cancellationToken));
        }

        EntityDefaults.ExpandShorthands(schema, body);
        body["id"] = found["id"]!.DeepClone();
        body["created_at"] = found["created_at"]?.DeepClone();
        if (schema.KeyField is { } field && !Guid.TryParse(key, out _))
        {
            body[field] ??= key;
        }

        Adopt(parent, body);
        return AdminAnswer.Ok(await StoreAsync(schema, defaults.Complete(schema, body), body.ContainsKey("password"), cancellationToken));
    }

    private Task<JsonObject> ChangeAsync(EntitySchema schema, JsonObject found, JsonObject body, CancellationToken cancellationToken)
    {
        EntityDefaults.ExpandShorthands(schema, body);
        var entity = (JsonObject)found.DeepClone();
        entity.Remove("snis");
        Merge(entity, body);
        return StoreAsync(schema, entity, body.ContainsKey("password"), cancellationToken);
    }

    private async Task<JsonObject> InsertAsync(EntitySchema schema, Parent? parent, JsonObject body, CancellationToken cancellationToken)
    {
        EntityDefaults.ExpandShorthands(schema, body);
        Adopt(parent, body);
        var names = TakeNames(schema, body);
        var entity = defaults.Complete(schema, body);
        Check(schema, entity);
        EntityDefaults.Derive(schema, entity, passwordIsNew: true);
        JsonObject stored;
        try
        {
            stored = await store.InsertAsync(schema, entity, cancellationToken);
        }
        catch (Npgsql.PostgresException refused) when (DatabaseErrors.Translate(refused, schema, entity) is { } error)
        {
            throw error;
        }

        foreach (var name in names)
        {
            await InsertAsync(schemas.Entity("snis"), null, new JsonObject { ["name"] = name, ["certificate"] = new JsonObject { ["id"] = stored["id"]!.DeepClone() } }, cancellationToken);
        }

        // Not the caller's token: what is stored must be served even when the client has hung up.
        await keeper.RefreshAsync(CancellationToken.None);
        return await WithNamesAsync(schema, stored, cancellationToken);
    }

    private async Task<JsonObject> StoreAsync(EntitySchema schema, JsonObject entity, bool passwordIsNew, CancellationToken cancellationToken)
    {
        if (schema.Field("updated_at") is { } updated)
        {
            entity["updated_at"] = EntityDefaults.Timestamp(updated, time.GetUtcNow());
        }

        var names = TakeNames(schema, entity);
        Check(schema, entity);
        EntityDefaults.Derive(schema, entity, passwordIsNew);
        JsonObject stored;
        try
        {
            stored = await store.UpdateAsync(schema, entity, cancellationToken)
                ?? throw AdminErrorException.NotFound("id", (string)entity["id"]!);
        }
        catch (Npgsql.PostgresException refused) when (DatabaseErrors.Translate(refused, schema, entity) is { } error)
        {
            throw error;
        }

        foreach (var name in names)
        {
            await InsertAsync(schemas.Entity("snis"), null, new JsonObject { ["name"] = name, ["certificate"] = new JsonObject { ["id"] = stored["id"]!.DeepClone() } }, cancellationToken);
        }

        await keeper.RefreshAsync(CancellationToken.None);
        return await WithNamesAsync(schema, stored, cancellationToken);
    }

    private async Task<bool> RemoveAsync(EntitySchema schema, Guid id, CancellationToken cancellationToken)
    {
        try
        {
            return await store.DeleteAsync(schema, id, cancellationToken);
        }
        catch (Npgsql.PostgresException refused) when (DatabaseErrors.TranslateDelete(refused, schema.Table) is { } error)
        {
            throw error;
        }
    }

    private void Check(EntitySchema schema, JsonObject entity)
    {
        if (validator.Check(schema, entity) is { Any: true } violations)
        {
            throw AdminErrorException.Schema(violations);
        }
    }

    private static void Adopt(Parent? parent, JsonObject body)
    {
        if (parent is not null)
        {
            body[parent.Field] = new JsonObject { ["id"] = parent.Id };
        }
    }

    private static void Merge(JsonObject target, JsonObject changes)
    {
        foreach (var (key, value) in changes)
        {
            if (value is JsonObject inner && target[key] is JsonObject existing && key != "headers" && !inner.ContainsKey("id"))
            {
                Merge(existing, inner);
            }
            else
            {
                target[key] = value?.DeepClone();
            }
        }
    }

    // A certificate shows the names that point to it, which are entities of their own.
    private async Task<JsonObject> WithNamesAsync(EntitySchema schema, JsonObject entity, CancellationToken cancellationToken)
    {
        if (schema.Table == "certificates")
        {
            var snis = await store.ListAsync(schemas.Entity("snis"), new EntityQuery(Filter: ("certificate_id", Guid.Parse((string)entity["id"]!))), cancellationToken);
            entity["snis"] = new JsonArray([.. snis.Select(s => (string)s["name"]!).Order(StringComparer.Ordinal).Select(n => (JsonNode)n)]);
        }

        return entity;
    }

    private static List<string> TakeNames(EntitySchema schema, JsonObject body)
    {
        if (schema.Table != "certificates" || body["snis"] is not JsonArray names)
        {
            return [];
        }

        body.Remove("snis");
        return [.. names.Select(n => n!.ToString())];
    }

    private static string EncodeOffset(string id) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"[\"{id}\"]")).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static Guid DecodeOffset(string offset)
    {
        try
        {
            var padded = offset.Replace('-', '+').Replace('_', '/').PadRight((offset.Length + 3) / 4 * 4, '=');
            return Guid.Parse((string)JsonNode.Parse(Convert.FromBase64String(padded))![0]!);
        }
        catch (Exception invalid) when (invalid is FormatException or JsonException or InvalidOperationException or NullReferenceException)
        {
            throw AdminErrorException.Offset(offset);
        }
    }
}
