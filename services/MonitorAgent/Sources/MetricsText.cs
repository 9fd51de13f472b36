using System.Net;
using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Sources;

/// <summary>Asks over HTTP for metrics in Prometheus' text format, and takes nothing else for them.</summary>
internal static class MetricsText
{
    /// <summary>A client that sends what it is given and reads what it is answered. Every reading brings its own, shorter limit.</summary>
    /// <param name="connections">Connections to one host at the same time.</param>
    public static HttpClient NewClient(int connections) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,

        // A few compressed kilobytes can be gigabytes of text; nothing compressed is asked for or read.
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        MaxConnectionsPerServer = connections,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = TimeSpan.FromMinutes(1),
    };

    /// <summary>Why an answer is not to be read, a few words for people; null when it is.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="what">What was asked, for the words.</param>
    public static string? ProblemOf(HttpResponseMessage response, string what)
    {
        var headers = response.Content.Headers;
        return !response.IsSuccessStatusCode ? $"{what} answers {(int)response.StatusCode}"
            : headers.ContentEncoding.Count > 0 ? $"{what} is compressed ({string.Join(", ", headers.ContentEncoding)}), which was not asked for"
            : headers.ContentType?.MediaType is { } type && type is not ("text/plain" or "application/openmetrics-text") ? $"{what} is {type}, not the text format of Prometheus"
            : null;
    }

    /// <summary>What went wrong, a few words for people.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        ExpositionException exposition => exposition.Message,
        HttpRequestException http => http.HttpRequestError.ToString(),
        _ => exception.GetType().Name,
    };
}
