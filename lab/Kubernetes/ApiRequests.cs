using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKubernetes.Access;
using KongUpgradeMesh.Lab.StandInKubernetes.Patches;
using KongUpgradeMesh.Lab.StandInKubernetes.Schemas;
using KongUpgradeMesh.Lab.StandInKubernetes.Storage;
using Microsoft.AspNetCore.Http;

namespace KongUpgradeMesh.Lab.StandInKubernetes;

/// <summary>Answers requests: who is it, may he, what object, what does he want with it.</summary>
internal sealed class ApiRequests(ObjectStore objects, IReadOnlyList<Account> accounts, TimeProvider clock)
{
    private const string AccessReviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    private readonly WatchStream _watches = new(objects, clock);

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await DispatchAsync(context);
        }
        catch (ApiErrorException error)
        {
            await WriteAsync(context, error.Code, error.Body);
        }
    }

    private async Task DispatchAsync(HttpContext context)
    {
        var token = context.Request.Headers.Authorization.ToString();
        var account = accounts.FirstOrDefault(a => token == $"Bearer {a.Token}") ?? throw ApiErrorException.Unauthorized();
        if (context.Request.Path == AccessReviews && HttpMethods.IsPost(context.Request.Method))
        {
            await WriteAsync(context, 201, Review(account, await BodyAsync(context) as JsonObject ?? throw ApiErrorException.BadRequest("no review")));
            return;
        }

        if (ApiPath.Parse(context.Request.Path) is not { } path)
        {
            await WriteUnknownAsync(context);
            return;
        }

        var verb = Verb(context.Request, path);
        if (!account.May(verb, path.Group, path.FullResource, path.Namespace, path.Name))
        {
            throw ApiErrorException.Forbidden(path, account.User, verb);
        }

        if (ResourceCatalog.Find(path) is not { } kind || path.Subresource is not (null or "status"))
        {
            await WriteUnknownAsync(context);
            return;
        }

        await (verb switch
        {
            "get" => WriteAsync(context, 200, objects.Find(path) ?? throw ApiErrorException.NotFound(path)),
            "list" => WriteAsync(context, 200, List(path, kind)),
            "watch" => _watches.SendAsync(context, path, kind),
            "delete" => DeleteAsync(context, path),
            _ => ChangeAsync(context, path, kind, verb),
        });
    }

    private async Task ChangeAsync(HttpContext context, ApiPath path, ResourceKind kind, string verb)
    {
        var query = context.Request.Query;
        var type = context.Request.ContentType?.Split(';')[0].Trim() ?? "";
        if (verb == "patch" && !kind.PatchTypes.Contains(type))
        {
            throw ApiErrorException.UnsupportedMediaType(kind.PatchTypes);
        }

        var body = await BodyAsync(context);
        var time = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var write = new ApiWrite(path, kind, Manager(context.Request), query["fieldValidation"].ToString(), time);
        var (dryRun, force, created) = (query["dryRun"] == "All", query["force"] == "true", false);
        if (verb == "create")
        {
            path = path with { Name = (string?)body["metadata"]?["name"] ?? throw ApiErrorException.BadRequest("metadata.name is required") };
        }

        var after = objects.Write(
            path,
            before =>
            {
                created = before is null;
                return (verb, before) switch
                {
                    ("create", null) => write.Create(body.DeepClone().AsObject(), path.Name!),
                    ("create", _) => throw ApiErrorException.AlreadyExists(path, path.Name!),
                    (_, null) => throw ApiErrorException.NotFound(path),
                    ("update", _) => write.Update(before, body.DeepClone().AsObject()),
                    _ => type switch
                    {
                        PatchType.Json => write.Update(before, Object(JsonPatch.Apply(before, body as JsonArray ?? throw ApiErrorException.BadRequest("a JSON Patch is a list")))),
                        PatchType.Merge => write.Update(before, Object(MergePatch.Apply(before, body))),
                        PatchType.Strategic => write.Update(before, Object(MergePatch.ApplyStrategic(before, body))),
                        _ => write.Apply(before, Object(body), force),
                    },
                };
            },
            dryRun);
        foreach (var unknown in write.Unknown)
        {
            context.Response.Headers.Append("Warning", $"299 - \"unknown field \\\"{unknown}\\\"\"");
        }

        await WriteAsync(context, created ? 201 : 200, after!);
    }

    private Task DeleteAsync(HttpContext context, ApiPath path)
    {
        objects.Write(path, before => before is null ? throw ApiErrorException.NotFound(path) : null, context.Request.Query["dryRun"] == "All");
        return WriteAsync(context, 200, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" });
    }

    private JsonObject List(ApiPath path, ResourceKind kind)
    {
        var (items, revision) = objects.List(ObjectStore.CollectionOf(path));
        return new JsonObject
        {
            ["apiVersion"] = kind.ApiVersion,
            ["items"] = new JsonArray([.. items]),
            ["kind"] = kind.Kind + "List",
            ["metadata"] = new JsonObject { ["continue"] = "", ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) },
        };
    }

    private static JsonObject Review(Account account, JsonObject review)
    {
        var asked = review["spec"]?["resourceAttributes"] as JsonObject ?? throw ApiErrorException.BadRequest("spec.resourceAttributes is required");
        string Of(string key) => (string?)asked[key] ?? "";
        var resource = Of("subresource").Length > 0 ? $"{Of("resource")}/{Of("subresource")}" : Of("resource");
        var allowed = account.May(Of("verb"), Of("group"), resource, Of("namespace"), Of("name") is { Length: > 0 } name ? name : null);
        return new JsonObject
        {
            ["kind"] = "SelfSubjectAccessReview",
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["metadata"] = new JsonObject(),
            ["spec"] = review["spec"]!.DeepClone(),
            ["status"] = new JsonObject { ["allowed"] = allowed },
        };
    }

    private static JsonObject Object(JsonNode? node) => node as JsonObject ?? throw ApiErrorException.BadRequest("not an object");

    private static string Verb(HttpRequest request, ApiPath path) => (request.Method, path.Name) switch
    {
        ("GET", null) => request.Query["watch"].ToString() is "true" or "1" ? "watch" : "list",
        ("GET", _) => "get",
        ("POST", null) => "create",
        ("PUT", not null) => "update",
        ("PATCH", not null) => "patch",
        ("DELETE", not null) => "delete",
        _ => throw ApiErrorException.MethodNotAllowed(),
    };

    private static string Manager(HttpRequest request) =>
        request.Query["fieldManager"].ToString() is { Length: > 0 } named ? named
        : request.Headers.UserAgent.ToString().Split('/')[0] is { Length: > 0 } program ? program : "unknown";

    private static async Task<JsonNode> BodyAsync(HttpContext context)
    {
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) ?? throw ApiErrorException.BadRequest("the body is empty");
        }
        catch (JsonException)
        {
            throw ApiErrorException.BadRequest("the body is not JSON (the stand-in reads no YAML)");
        }
    }

    private static async Task WriteAsync(HttpContext context, int code, JsonNode body)
    {
        var bytes = Encoding.UTF8.GetBytes(body.ToJsonString(JsonText.Format));
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static Task WriteUnknownAsync(HttpContext context)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (404, "text/plain; charset=utf-8");
        return context.Response.WriteAsync("404 page not found\n", context.RequestAborted);
    }
}
