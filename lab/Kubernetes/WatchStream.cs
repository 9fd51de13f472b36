using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKubernetes.Schemas;
using KongUpgradeMesh.Lab.StandInKubernetes.Storage;
using Microsoft.AspNetCore.Http;

namespace KongUpgradeMesh.Lab.StandInKubernetes;

/// <summary>Sends the changes of a collection as lines of JSON until the client leaves or the time that it asked for is over.</summary>
internal sealed class WatchStream(ObjectStore objects, TimeProvider clock)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    public async Task SendAsync(HttpContext context, ApiPath path, ResourceKind kind)
    {
        var query = context.Request.Query;
        var only = query["fieldSelector"].ToString() is { Length: > 0 } selector ? selector.Replace("metadata.name=", "", StringComparison.Ordinal) : null;
        var collection = ObjectStore.CollectionOf(path);
        var limit = int.TryParse(query["timeoutSeconds"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : Longest;
        using var bound = new CancellationTokenSource(limit, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, context.RequestAborted);
        context.Response.ContentType = "application/json";
        await context.Response.Body.FlushAsync(context.RequestAborted);

        // Without a revision the watch begins with what is there.
        if (!long.TryParse(query["resourceVersion"], NumberStyles.None, CultureInfo.InvariantCulture, out var revision) || revision == 0)
        {
            (var items, revision) = objects.List(collection);
            foreach (var item in items)
            {
                await SendAsync(context, "ADDED", item, only);
            }
        }

        while (!linked.IsCancellationRequested)
        {
            if (objects.Since(collection, revision) is not var (events, more))
            {
                await SendAsync(context, "ERROR", new ApiErrorException(410, "Expired", $"too old resource version: {revision} ({objects.Revision})").Body, null);
                return;
            }

            foreach (var change in events)
            {
                await SendAsync(context, change.Type, change.Content, only);
                revision = change.Revision;
            }

            await more.WaitAsync(linked.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (query["allowWatchBookmarks"] == "true" && !context.RequestAborted.IsCancellationRequested)
        {
            var metadata = new JsonObject { ["resourceVersion"] = objects.Revision.ToString(CultureInfo.InvariantCulture) };
            await SendAsync(context, "BOOKMARK", new JsonObject { ["kind"] = kind.Kind, ["apiVersion"] = kind.ApiVersion, ["metadata"] = metadata }, null);
        }
    }

    private static async Task SendAsync(HttpContext context, string type, JsonObject content, string? only)
    {
        if (only is not null && (string?)content["metadata"]?["name"] != only)
        {
            return;
        }

        var line = new JsonObject { ["type"] = type, ["object"] = content.DeepClone() };
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(line.ToJsonString(JsonText.Format) + "\n"), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
