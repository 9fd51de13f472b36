using System.Net;
using System.Text;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers.External;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Webhook;

/// <summary>Asks the operator's service: GET answers the report, PUT carries the order; the status tells how it went.</summary>
internal sealed class WebhookBalancer(WebhookOptions options, HttpClient http, TimeProvider clock) : IExternalBalancer
{
    // Without the query, which may hold a secret.
    public string Name { get; } = $"The webhook {options.Url.GetLeftPart(UriPartial.Path)}";

    public async Task<SplitReport> GetAsync(CancellationToken cancellationToken)
    {
        var (status, body) = await SendAsync(HttpMethod.Get, null, cancellationToken);
        return IsSuccess(status) ? SplitReport.Read(Name, body) : throw Failed(HttpMethod.Get, status, body);
    }

    public async Task SetAsync(SplitOrder order, CancellationToken cancellationToken)
    {
        var (status, body) = await SendAsync(HttpMethod.Put, order.ToJson(), cancellationToken);
        if (status == HttpStatusCode.Conflict)
        {
            throw ExternalFailures.Stale(Name, order);
        }

        if (!IsSuccess(status))
        {
            throw Failed(HttpMethod.Put, status, body);
        }
    }

    private static bool IsSuccess(HttpStatusCode status) => (int)status is >= 200 and < 300;

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string? json, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, options.Url);
        request.Headers.Accept.ParseAdd("application/json");
        foreach (var (name, value) in options.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using var bound = new CancellationTokenSource(options.Timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            using var response = await http.SendAsync(request, linked.Token);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(linked.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TrafficFailures.Unreachable(Name, $"no answer to {method} within {options.Timeout}");
        }
        catch (HttpRequestException exception)
        {
            var why = $"{exception.HttpRequestError}: {exception.Message}";
            throw exception.HttpRequestError is HttpRequestError.SecureConnectionError or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse
                ? TrafficFailures.Refused(Name, Redact(why), exception)
                : TrafficFailures.Unreachable(Name, Redact(why), exception);
        }
    }

    private StepFailedException Failed(HttpMethod method, HttpStatusCode status, string body)
    {
        var said = Redact(body.Trim());
        var text = $"{method} was answered {(int)status}: {(said.Length <= 200 ? said : said[..200])}";

        // Beside 503, what proxies on the way say when the service itself could not be asked.
        return status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout
            ? TrafficFailures.Unreachable(Name, text)
            : TrafficFailures.Refused(Name, text);
    }

    private string Redact(string text) => Redaction.Redact(text, options.Headers.Values.Select(static v => v.StartsWith("Bearer ", StringComparison.Ordinal) ? v["Bearer ".Length..] : v));
}
