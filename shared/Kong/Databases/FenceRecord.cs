using System.Text.Json;
using System.Text.Json.Serialization;
using static KongUpgradeMesh.Kong.Databases.SqlCommands;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>How everything was left when the fence was put up or repaired, to be compared with what is found later.</summary>
/// <param name="Function">Mark of the function.</param>
/// <param name="Triggers">Marks of both triggers by table.</param>
/// <param name="Definitions">Definition by table, see <see cref="TableDefinitions"/>.</param>
internal sealed record FenceRecord(
    [property: JsonPropertyName("function")] string Function,
    [property: JsonPropertyName("triggers")] IReadOnlyDictionary<string, string> Triggers,
    [property: JsonPropertyName("definitions")] IReadOnlyDictionary<string, string> Definitions)
{
    /// <summary>Writes the record within the transaction that holds the tables' locks: function and triggers as they are now, definitions as read before.</summary>
    public static string Write(string schema, IReadOnlyDictionary<string, string> definitions) => $"""
        UPDATE {FenceSql.Stamp} SET record = pg_catalog.json_build_object(
          'function', (SELECT {FenceSql.Mark("p")} FROM pg_catalog.pg_proc p WHERE p.oid = '{FenceSql.Schema}.refuse()'::regprocedure),
          'triggers', (
            SELECT pg_catalog.json_object_agg(m.relname, m.mark) FROM (
              SELECT c.relname, pg_catalog.string_agg({FenceSql.Mark("t")}, ' ' ORDER BY t.tgname) AS mark
              FROM pg_catalog.pg_trigger t
              JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE t.tgfoid = '{FenceSql.Schema}.refuse()'::regprocedure AND NOT t.tgisinternal AND n.nspname = {Literal(schema)}
              GROUP BY c.relname) m),
          'definitions', {Literal(JsonSerializer.Serialize(definitions))}::json)::text;
        """;

    /// <summary>Null for what is no record: nothing can then be said of what happened since.</summary>
    public static FenceRecord? Parse(string? json)
    {
        if (json is null)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<FenceRecord>(json) is { Function: not null, Triggers: not null, Definitions: not null } record ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
