using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Schemas;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>Turns a violated constraint into Kong's error; everything else (a fence above all) is no client's business and becomes a 500.</summary>
internal static class DatabaseErrors
{
    public static AdminErrorException? Translate(PostgresException refused, EntitySchema schema, JsonObject entity)
    {
        var constraint = refused.ConstraintName ?? "";
        switch (refused.SqlState)
        {
            case PostgresErrorCodes.UniqueViolation when constraint.EndsWith("_pkey", StringComparison.Ordinal) || constraint.Contains("_id_ws_id_", StringComparison.Ordinal):
                return AdminErrorException.PrimaryKey((string)entity["id"]!);
            case PostgresErrorCodes.UniqueViolation when constraint.Contains("cache_key", StringComparison.Ordinal):
                return AdminErrorException.Unique(Pick(entity, schema.Table switch
                {
                    "plugins" => ["name", "route", "service", "consumer"],
                    "acls" => ["consumer", "group"],
                    "targets" => ["upstream", "target"],
                    _ => ["id"],
                }));
            case PostgresErrorCodes.UniqueViolation:
                var field = schema.Fields.Where(f => constraint.Contains("_" + f.Name + "_", StringComparison.Ordinal) && f.Name != "id").MaxBy(f => f.Name.Length);
                return AdminErrorException.Unique(Pick(entity, [field?.Name ?? schema.KeyField ?? "id"]));
            case PostgresErrorCodes.ForeignKeyViolation:
                var reference = schema.Fields.FirstOrDefault(f => f.IsForeign && constraint.Contains("_" + f.Column + "_", StringComparison.Ordinal));
                return reference is null ? null : AdminErrorException.MissingReference(reference.Name, (string)entity[reference.Name]!["id"]!, reference.Reference!);
            default:
                return null;
        }
    }

    /// <summary>The answer to a DELETE of something that others point to.</summary>
    public static AdminErrorException? TranslateDelete(PostgresException refused, string table) =>
        refused.SqlState == PostgresErrorCodes.ForeignKeyViolation && refused.TableName is { } by ? AdminErrorException.ReferencedBy(by, table) : null;

    private static JsonObject Pick(JsonObject entity, string[] fields)
    {
        var picked = new JsonObject();
        foreach (var field in fields)
        {
            picked[field] = entity[field]?.DeepClone();
        }

        return picked;
    }
}
