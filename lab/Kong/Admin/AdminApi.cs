using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using KongUpgradeMesh.Lab.StandInKong.Schemas;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>Finds the endpoint of a request to the Admin API and writes its answer.</summary>
internal sealed partial class AdminApi(NodeEndpoints node, EntityEndpoints entities, UpstreamEndpoints upstreams, SchemaCatalog schemas, Flavour flavour, ILogger<AdminApi> log)
{
    private static readonly JsonSerializerOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task HandleAsync(HttpContext context)
    {
        AdminAnswer answer;
        try
        {
            var segments = (context.Request.Path.Value ?? "/").Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (segments is ["metrics"] && context.Request.Method == "GET")
            {
                await node.WriteMetricsAsync(context);
                return;
            }

            answer = await DispatchAsync(segments, context, context.RequestAborted);
        }
        catch (AdminErrorException error)
        {
            answer = error.Answer;
        }
        catch (Exception failed) when (failed is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            LogFailed((failed as PostgresException)?.MessageText ?? failed.Message, context.Request.Method, context.Request.Path);
            answer = AdminAnswer.Unexpected;
        }

        await WriteAsync(context, answer, flavour);
    }

    public static async Task WriteAsync(HttpContext context, AdminAnswer answer, Flavour flavour)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.Headers.Server = flavour.ServerToken;
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers["X-Kong-Admin-Latency"] = "1";
        if (flavour.IsThree)
        {
            response.Headers.AccessControlAllowCredentials = "true";
        }

        if (answer.Body is null)
        {
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(answer.Body.ToJsonString(Format));
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }

    private async Task<AdminAnswer> DispatchAsync(string[] segments, HttpContext context, CancellationToken cancellationToken)
    {
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            return Options(segments, context);
        }

        if (await node.TryHandleAsync(segments, context, cancellationToken) is { } answered)
        {
            return answered;
        }

        if (segments.Length == 0 || EntityCollection.Table(segments[0]) is not { } table || schemas.Find(table) is not { } schema)
        {
            return AdminAnswer.NotFound;
        }

        switch (segments.Length)
        {
            case 1:
                return await entities.CollectionAsync(schema, null, context, cancellationToken);
            case 2:
                return await entities.ItemAsync(schema, null, segments[1], context, cancellationToken);
        }

        var parent = await entities.FindAsync(schema, segments[1], cancellationToken);
        if (parent is null)
        {
            return AdminAnswer.NotFound;
        }

        var parentId = (string)parent["id"]!;
        if (table == "upstreams" && await upstreams.TryHandleAsync(parent, segments, context, cancellationToken) is { } special)
        {
            return special;
        }

        if (EntityCollection.NestedTable(table, segments[2]) is { } childTable && schemas.Find(childTable) is { } child)
        {
            var link = new Parent(child.Fields.First(f => f.Reference == table).Name, parentId);
            return segments.Length switch
            {
                3 => await entities.CollectionAsync(child, link, context, cancellationToken),
                4 => await entities.ItemAsync(child, link, segments[3], context, cancellationToken),
                _ => AdminAnswer.NotFound,
            };
        }

        // The other way round: /routes/{r}/service is the service of the route.
        if (segments.Length == 3 && schema.Field(segments[2]) is { IsForeign: true } up && schemas.Find(up.Reference!) is { } upSchema)
        {
            return (string?)parent[up.Name]?["id"] is { } id
                ? await entities.ItemAsync(upSchema, null, id, context, cancellationToken)
                : AdminAnswer.NotFound;
        }

        return AdminAnswer.NotFound;
    }

    private static AdminAnswer Options(string[] segments, HttpContext context)
    {
        var item = segments.Length % 2 == 0 && segments.Length > 0;
        var methods = segments.Length == 0 || !EntityCollection.All.Any(c => c.Key == segments[0]) ? "GET, HEAD, OPTIONS"
            : item ? "DELETE, GET, HEAD, OPTIONS, PATCH, PUT" : "GET, HEAD, OPTIONS, POST";
        var headers = context.Response.Headers;
        headers.Allow = methods;
        headers.AccessControlAllowMethods = methods;
        headers.AccessControlAllowHeaders = "Content-Type";
        return AdminAnswer.NoContent;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "[kong] api_helpers.lua ERROR: {Reason}, request: \"{Method} {Path} HTTP/1.1\"")]
    private partial void LogFailed(string reason, string method, string path);
}
