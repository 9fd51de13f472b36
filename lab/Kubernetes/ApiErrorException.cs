using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKubernetes.Schemas;

namespace KongUpgradeMesh.Lab.StandInKubernetes;

/// <summary>Ends a request with a Status object.</summary>
internal sealed class ApiErrorException(int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    public int Code => code;

    public JsonObject Body
    {
        get
        {
            var body = new JsonObject
            {
                ["kind"] = "Status",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject(),
                ["status"] = "Failure",
                ["message"] = Message,
                ["reason"] = reason,
            };
            if (details is not null)
            {
                body["details"] = details.DeepClone();
            }

            body["code"] = code;
            return body;
        }
    }

    public static ApiErrorException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiErrorException Forbidden(ApiPath path, string user, string verb) => new(
        403,
        "Forbidden",
        $"{path.Qualified}{(path.Name is null ? "" : $" \"{path.Name}\"")} is forbidden: User \"{user}\" cannot {verb} resource \"{path.FullResource}\""
            + $" in API group \"{path.Group}\" in the namespace \"{path.Namespace}\"",
        Details(path.Name, path.Group, path.Resource));

    public static ApiErrorException NotFound(ApiPath path) => new(404, "NotFound", $"{path.Qualified} \"{path.Name}\" not found", Details(path.Name, path.Group, path.Resource));

    public static ApiErrorException AlreadyExists(ApiPath path, string name) =>
        new(409, "AlreadyExists", $"{path.Qualified} \"{name}\" already exists", Details(name, path.Group, path.Resource));

    public static ApiErrorException Modified(ApiPath path) => new(
        409,
        "Conflict",
        $"Operation cannot be fulfilled on {path.Qualified} \"{path.Name}\": the object has been modified; please apply your changes to the latest version and try again",
        Details(path.Name, path.Group, path.Resource));

    public static ApiErrorException PatchFailed() => new(422, "Invalid", "the server rejected our request due to an error in our request", new JsonObject());

    public static ApiErrorException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiErrorException UnsupportedMediaType(IEnumerable<string> accepted) => new(
        415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", accepted)}");

    public static ApiErrorException MethodNotAllowed() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

    public static ApiErrorException Invalid(ResourceKind kind, string name, IReadOnlyList<FieldProblem> problems)
    {
        var texts = problems.Select(static p => $"{p.Field}: {p.Message}").ToList();
        var details = Details(name, kind.Group, kind.Kind);
        details["causes"] = Causes(problems);
        var title = kind.Group.Length == 0 ? kind.Kind : $"{kind.Kind}.{kind.Group}";
        return new(422, "Invalid", $"{title} \"{name}\" is invalid: {(texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]")}", details);
    }

    /// <summary>The answer to unknown fields in a patch that asks for fieldValidation=Strict; the real one names neither kind nor object.</summary>
    public static ApiErrorException UnknownFields(JsonObject patched, IEnumerable<string> unknown)
    {
        var message = $"Invalid value: {JsonText.Quote(JsonText.Sorted(patched))}: strict decoding error: {string.Join(", ", unknown.Select(static u => $"unknown field \"{u}\""))}";
        return new(422, "Invalid", $" \"\" is invalid: patch: {message}", new JsonObject { ["causes"] = Causes([new FieldProblem("patch", message)]) });
    }

    private static JsonArray Causes(IEnumerable<FieldProblem> problems) =>
        [.. problems.Select(static p => (JsonNode)new JsonObject { ["reason"] = p.Reason, ["message"] = p.Message, ["field"] = p.Field })];

    private static JsonObject Details(string? name, string group, string kind)
    {
        var details = new JsonObject();
        foreach (var (key, value) in new[] { ("name", name ?? ""), ("group", group), ("kind", kind) }.Where(static d => d.Item2.Length > 0))
        {
            details[key] = value;
        }

        return details;
    }
}
