using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Schemas;

namespace KongUpgradeMesh.Lab.StandInKong.Storage;

/// <summary>Translates between rows and the JSON of the Admin API: foreign keys, times, remaining lifetimes.</summary>
internal static class RowFormat
{
    /// <summary>An SQL expression that makes one JSON text of a row.</summary>
    public static string SelectExpression(EntitySchema schema, IReadOnlySet<string> columns)
    {
        var sql = new StringBuilder("json_build_object(");
        var first = true;
        foreach (var field in schema.Fields)
        {
            sql.Append(first ? "" : ", ").Append('\'').Append(field.Name).Append("', ").Append(Expression(field, columns));
            first = false;
        }

        return sql.Append(")::text").ToString();
    }

    /// <summary>The columns of an entity as one JSON object that <c>jsonb_populate_record</c> understands.</summary>
    public static JsonObject ToRow(EntitySchema schema, JsonObject entity, DateTimeOffset now)
    {
        var row = new JsonObject();
        foreach (var field in schema.Fields)
        {
            var value = entity[field.Name];
            row[field.Column] = value switch
            {
                null => null,
                _ when field.IsForeign => value["id"]?.DeepClone(),
                _ when field.IsTtl => JsonNumber.Of(value) > 0 ? Iso(now.AddSeconds(JsonNumber.Of(value))) : null,
                _ when field.IsTimestamp => Iso(DateTimeOffset.UnixEpoch.AddSeconds(JsonNumber.Of(value))),
                _ => value.DeepClone(),
            };
        }

        return row;
    }

    public static string Quote(string identifier) => $"\"{identifier}\"";

    private static string Iso(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture);

    private static string Expression(FieldSchema field, IReadOnlySet<string> columns)
    {
        var column = Quote(field.Column);
        if (!columns.Contains(field.Column))
        {
            return "NULL";
        }

        if (field.IsForeign)
        {
            return $"CASE WHEN {column} IS NULL THEN NULL ELSE json_build_object('id', {column}) END";
        }

        if (field.IsTtl)
        {
            return $"ceil(extract(epoch FROM {column} - CURRENT_TIMESTAMP))::bigint";
        }

        return field.IsTimestamp
            ? field.Type == "integer" ? $"floor(extract(epoch FROM {column}))::bigint" : $"extract(epoch FROM {column})::float8"
            : column;
    }
}
