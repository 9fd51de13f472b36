using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Events;

/// <summary>Reads the server-sent events of one upgrade.</summary>
internal sealed class UpgradeEventStream(Uri server, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(15);

    // A stream that is silent for so long may be dead without anyone having said so: it is opened anew, which costs one request.
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new() { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Yields what the coordinator tells (a <see cref="TimelineEntry"/> or an <see cref="UpgradeView"/>) until the stream ends; throws when it breaks.</summary>
    public async IAsyncEnumerable<object> ReadAsync(Guid upgradeId, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(ConnectLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/upgrades/{upgradeId}/events");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.TryAddWithoutValidation("Last-Event-ID", after.ToString());
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(either.Token);
        silence.CancelAfter(SilenceLimit);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(either.Token))
        {
            silence.CancelAfter(SilenceLimit);
            object? told = item.EventType switch
            {
                "timeline" => JsonSerializer.Deserialize<TimelineEntry>(item.Data, ApiJson.Wire),
                "upgrade" => JsonSerializer.Deserialize<UpgradeView>(item.Data, ApiJson.Wire),
                _ => null,
            };
            if (told is not null)
            {
                yield return told;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
