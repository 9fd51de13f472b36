using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Schemas;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>A request that is answered with one of Kong's numbered errors.</summary>
internal sealed class AdminErrorException : Exception
{
    public AdminErrorException(AdminAnswer answer)
        : base("the request is refused") => Answer = answer;

    private AdminErrorException(int status, int code, string name, string message, JsonNode? fields)
        : base(message)
    {
        var body = new JsonObject { ["code"] = code, ["name"] = name, ["message"] = message };
        if (fields is not null)
        {
            body["fields"] = fields;
        }

        Answer = new AdminAnswer(status, body);
    }

    public AdminAnswer Answer { get; }

    public static AdminErrorException Schema(Violations violations) =>
        new(400, 2, "schema violation", violations.Message(), violations.Fields.DeepClone());

    public static AdminErrorException PrimaryKey(string id) =>
        new(400, 3, "primary key violation", $"primary key violation on key '{{id=\"{id}\"}}'", new JsonObject { ["id"] = id });

    public static AdminErrorException MissingReference(string field, string id, string entity) =>
        new(400, 4, "foreign key violation", $"the foreign key '{{id=\"{id}\"}}' does not reference an existing '{entity}' entity.", new JsonObject { [field] = new JsonObject { ["id"] = id } });

    public static AdminErrorException ReferencedBy(string by, string entity) =>
        new(400, 4, "foreign key violation", $"an existing '{by}' entity references this '{entity}' entity", new JsonObject { ["@referenced_by"] = by });

    public static AdminErrorException Unique(JsonObject fields) =>
        new(409, 5, "unique constraint violation", $"UNIQUE violation detected on '{LuaText(fields)}'", fields);

    public static AdminErrorException NotFound(string field, string value) =>
        new(404, 6, "not found", $"could not find the entity with '{{{field}=\"{value}\"}}'", new JsonObject { [field] = value });

    public static AdminErrorException Offset(string offset) =>
        new(400, 7, "invalid offset", $"'{offset}' is not a valid offset: bad json encoding", null);

    public static AdminErrorException Size() =>
        new(400, 9, "invalid size", "size must be an integer between 1 and 1000", null);

    // The message shows the fields the way Lua prints a table.
    private static string LuaText(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject record => "{" + string.Join(",", record.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={LuaText(f.Value)}")) + "}",
        _ => node.ToJsonString(),
    };
}
