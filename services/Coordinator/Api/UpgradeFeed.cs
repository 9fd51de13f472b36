using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.Coordinator.Api;

/// <summary>Follows one upgrade by server-sent events: its timeline from where the client left off, and its view whenever it changes.</summary>
internal static class UpgradeFeed
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(10);

    public static async Task<IResult> FollowAsync(Guid id, HttpContext http, UpgradeReader reader, TimeProvider clock, IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (await reader.FindAsync(id, cancellationToken) is null)
        {
            return UpgradesApi.NotFound(id);
        }

        _ = long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var after);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        try
        {
            await foreach (var text in EventsAsync(id, after, reader, clock, json.Value.SerializerOptions, cancellationToken))
            {
                await http.Response.WriteAsync(text, cancellationToken);
                await http.Response.Body.FlushAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client has left.
        }

        return Results.Empty;
    }

    private static async IAsyncEnumerable<string> EventsAsync(
        Guid id, long after, UpgradeReader reader, TimeProvider clock, JsonSerializerOptions json, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lastView = "";
        var lastSent = clock.GetTimestamp();
        while (true)
        {
            var found = await reader.FindAsync(id, cancellationToken);
            foreach (var entry in await reader.TimelineAsync(id, after, cancellationToken))
            {
                after = entry.Sequence;
                lastSent = clock.GetTimestamp();
                yield return $"event: timeline\nid: {after}\ndata: {JsonSerializer.Serialize(entry, json)}\n\n";
            }

            var view = JsonSerializer.Serialize(found?.View, json);
            if (view != lastView)
            {
                lastView = view;
                lastSent = clock.GetTimestamp();
                yield return $"event: upgrade\ndata: {view}\n\n";
            }

            if (found?.View.EndedAt is not null)
            {
                yield break; // A finished upgrade says nothing more; a retry is followed anew.
            }

            if (clock.GetElapsedTime(lastSent) > KeepAlive)
            {
                lastSent = clock.GetTimestamp();
                yield return ": alive\n\n";
            }

            await Task.Delay(Interval, clock, cancellationToken);
        }
    }
}
