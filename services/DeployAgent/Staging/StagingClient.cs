using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.DeployAgent.Staging;

/// <summary>Sends staging requests to the proxies of single nodes.</summary>
internal sealed class StagingClient(IHttpClientFactory clients, IOptions<DeployOptions> options)
{
    public const string ClientName = "staging";

    private const int MostBodyBytes = 256 * 1024;
    private const string NoRoute = "no Route matched with those values";

    /// <summary>Sends one request, once. No answer is an answer of its own, not an exception.</summary>
    public async Task<ProxyAnswer> SendAsync(Uri proxy, StagingRequest request, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(options.Value.StagingRequestTimeout);
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(proxy, request.PathAndQuery));
        message.Headers.Host = request.Host;
        foreach (var (name, value) in request.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var client = clients.CreateClient(ClientName);
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, bounded.Token);
            var body = await ReadAsync(response, bounded.Token);
            return new((int)response.StatusCode, response.StatusCode == HttpStatusCode.NotFound && IsNoRoute(body), body);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ProxyAnswer.None;
        }
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MostBodyBytes];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    // The message is Kong's interface here: nothing else tells its own 404 from an upstream's.
    private static bool IsNoRoute(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("message", out var message)
                && message.ValueKind == JsonValueKind.String
                && message.GetString() == NoRoute;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
