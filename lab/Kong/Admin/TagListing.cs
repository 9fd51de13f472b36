using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Storage;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary><c>/tags</c> and <c>/tags/{tag}</c>: which entity bears which tag.</summary>
internal sealed class TagListing(KongDatabase database, Flavour flavour)
{
    public async Task<AdminAnswer> HandleAsync(string[] segments, HttpContext context, CancellationToken cancellationToken)
    {
        if (segments.Length > 2)
        {
            return AdminAnswer.NotFound;
        }

        if (context.Request.Method is not ("GET" or "HEAD"))
        {
            return AdminAnswer.MethodNotAllowed;
        }

        var query = context.Request.Query;
        var size = 100;
        if (query.TryGetValue("size", out var text) && (!int.TryParse(text, out size) || size is < 1 or > 1000))
        {
            throw AdminErrorException.Size();
        }

        var (after, ordinal) = Decode(query["offset"].ToString());
        await using var command = database.Source.CreateCommand("""
            SELECT t.entity_name, t.entity_id, u.tag, u.ordinal FROM tags t, unnest(t.tags) WITH ORDINALITY AS u(tag, ordinal)
            WHERE (t.entity_id, u.ordinal) > ($1, $2) AND ($3::text IS NULL OR u.tag = $3) ORDER BY t.entity_id, u.ordinal LIMIT $4
            """);
        command.Parameters.AddWithValue(after);
        command.Parameters.AddWithValue(ordinal);
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = segments.Length == 2 ? segments[1] : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.AddWithValue(size + 1);
        var data = new JsonArray();
        string? offset = null;
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var last = "";
        while (await rows.ReadAsync(cancellationToken))
        {
            if (data.Count == size)
            {
                offset = last;
                break;
            }

            last = segments.Length == 2 ? $"[\"{rows.GetGuid(1)}\"]" : $"[\"{rows.GetGuid(1)}\",{rows.GetInt64(3)}]";
            data.Add((JsonNode)new JsonObject { ["entity_name"] = rows.GetString(0), ["entity_id"] = rows.GetGuid(1).ToString(), ["tag"] = rows.GetString(2) });
        }

        var answer = new JsonObject { ["data"] = data, ["next"] = null };
        if (offset is not null)
        {
            var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(offset)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
            answer["offset"] = encoded;
            answer["next"] = $"{context.Request.Path}?offset={encoded}{(flavour.IsThree && query.ContainsKey("size") ? $"&size={size}" : "")}";
        }

        return AdminAnswer.Ok(answer);
    }

    private static (Guid After, long Ordinal) Decode(string offset)
    {
        if (offset.Length == 0)
        {
            return (Guid.Empty, 0);
        }

        try
        {
            var padded = offset.Replace('-', '+').Replace('_', '/').PadRight((offset.Length + 3) / 4 * 4, '=');
            var parts = (JsonArray)JsonNode.Parse(Convert.FromBase64String(padded))!;
            return (Guid.Parse((string)parts[0]!), parts.Count > 1 ? (long)parts[1]! : long.MaxValue);
        }
        catch (Exception invalid) when (invalid is FormatException or JsonException or InvalidOperationException or InvalidCastException)
        {
            throw AdminErrorException.Offset(offset);
        }
    }
}
