using System.Globalization;
using System.Net;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx;

/// <summary>Asks nginx's workers at the control location what they follow; the files say only what they should.</summary>
/// <param name="location">The control location.</param>
/// <param name="probeHeader">Request header that is part of the sticky key; null when there is none.</param>
/// <param name="timeout">Bound of one question.</param>
/// <param name="http">Asks.</param>
/// <param name="clock">Measures the bound.</param>
internal sealed class NginxControl(Uri location, string? probeHeader, TimeSpan timeout, HttpClient http, TimeProvider clock)
{
    /// <summary>The location, for messages.</summary>
    public string Name { get; } = $"nginx at {location}";

    /// <summary>One answer of some worker.</summary>
    /// <param name="key">The key whose side is asked for; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<NginxAnswer> AskAsync(string? key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, location);
        if (key is not null && probeHeader is not null)
        {
            request.Headers.TryAddWithoutValidation(probeHeader, key);
        }

        var (status, text, headers) = await SendAsync(request, cancellationToken);
        var words = text.Split('|');
        if (status != HttpStatusCode.OK || words.Length < 2)
        {
            throw TrafficFailures.Refused(Name, $"status {(int)status}");
        }

        return new NginxAnswer(words[0], words[1].Trim(), Count(words, 2), Count(words, 3), headers.ETag?.Tag);
    }

    /// <summary>Writes at the location; every status is an answer.</summary>
    /// <param name="content">The body.</param>
    /// <param name="tag">Entity tag that must still be in force; null for any.</param>
    /// <param name="token">The secret that allows it; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Status, body, and whether nginx kept it for its next start.</returns>
    public async Task<(HttpStatusCode Status, string Text, bool Kept)> WriteAsync(string content, string? tag, string? token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, location) { Content = new StringContent(content) };
        if (tag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        }

        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("X-KUM-Token", token);
        }

        var (status, text, headers) = await SendAsync(request, cancellationToken);
        return (status, text, !headers.Contains("X-KUM-Kept"));
    }

    private async Task<(HttpStatusCode Status, string Text, System.Net.Http.Headers.HttpResponseHeaders Headers)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            request.Headers.ConnectionClose = true; // Another connection may meet another worker.
            using var response = await http.SendAsync(request, linked.Token);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(linked.Token), response.Headers);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TrafficFailures.Unreachable(Name, $"no answer within {timeout}");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw TrafficFailures.Unreachable(Name, (exception as HttpRequestException)?.HttpRequestError.ToString() ?? "the connection broke", exception);
        }
    }

    private static long? Count(string[] words, int index) =>
        words.Length > index && long.TryParse(words[index], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
}
