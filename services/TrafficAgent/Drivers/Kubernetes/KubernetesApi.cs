using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;

/// <summary>Reads and patches the one object of the settings; every request has its own bound.</summary>
internal sealed class KubernetesApi(KubernetesOptions options, HttpClient http, TimeProvider clock)
{
    private const string AccessReviews = "apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    /// <summary>The object as it is.</summary>
    public async Task<JsonObject> GetAsync(CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, options.Path, null, cancellationToken);
        return answer.Code == HttpStatusCode.OK && answer.Body is { } body ? body : throw await FailureOfAsync(answer, "get", cancellationToken);
    }

    /// <summary>Patches the object.</summary>
    /// <param name="operations">Operations of a JSON Patch.</param>
    /// <param name="dryRun">Whether everything is done but storing it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The new object; null when a test failed or another writer was faster, so that nothing was changed.</returns>
    public async Task<JsonObject?> TryPatchAsync(JsonArray operations, bool dryRun, CancellationToken cancellationToken)
    {
        using var content = new StringContent(operations.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json-patch+json"));
        var answer = await SendAsync(HttpMethod.Patch, $"{options.Path}?fieldManager=kong-upgrade-mesh{(dryRun ? "&dryRun=All" : "")}", content, cancellationToken);
        return answer.Code switch
        {
            HttpStatusCode.OK when answer.Body is not null => answer.Body,
            HttpStatusCode.Conflict => null,
            // A failed test is told from a refused value only by the causes that the latter has.
            HttpStatusCode.UnprocessableEntity when answer.Body is not null && JsonPointers.List(answer.Body, "/details/causes").Count == 0 => null,
            _ => throw await FailureOfAsync(answer, "patch", cancellationToken),
        };
    }

    /// <summary>Whether the agent's account may do <paramref name="verb"/> with the object; null when that may not be asked.</summary>
    public async Task<bool?> MayAsync(string verb, CancellationToken cancellationToken)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SelfSubjectAccessReview",
            ["spec"] = new JsonObject
            {
                ["resourceAttributes"] = new JsonObject
                {
                    ["group"] = options.Preset.Group,
                    ["resource"] = options.Preset.Resource,
                    ["name"] = options.Name,
                    ["namespace"] = options.Namespace,
                    ["verb"] = verb,
                },
            },
        };
        using var content = new StringContent(review.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        var answer = await SendAsync(HttpMethod.Post, AccessReviews, content, cancellationToken);
        return answer.Code switch
        {
            HttpStatusCode.Created when JsonPointers.Find(answer.Body, "/status/allowed") is JsonValue allowed && allowed.TryGetValue<bool>(out var may) => may,
            HttpStatusCode.Forbidden => null,
            _ => throw FailureOf(answer),
        };
    }

    private async Task<StepFailedException> FailureOfAsync(Answer answer, string verb, CancellationToken cancellationToken)
    {
        if (answer.Code != HttpStatusCode.Forbidden)
        {
            return FailureOf(answer);
        }

        // Policies at admission answer 403 as missing rights do; the server itself knows which it was.
        return await MayAsync(verb, cancellationToken) == true
            ? KubernetesFailures.Refused(options, answer.Code, answer.Body)
            : KubernetesFailures.Forbidden(options, verb, answer.Body);
    }

    private StepFailedException FailureOf(Answer answer) => answer.Code switch
    {
        HttpStatusCode.Unauthorized => KubernetesFailures.Unauthorized(options, answer.Body),
        HttpStatusCode.NotFound => KubernetesFailures.NotFound(options, answer.Body),
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
            TrafficFailures.Unreachable($"The API server {options.Server}", $"status {(int)answer.Code}"),
        _ => KubernetesFailures.Refused(options, answer.Code, answer.Body),
    };

    private async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(options.Timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        var what = $"The API server {options.Server}";
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(options.Server, path)) { Content = content };
            request.Headers.Accept.ParseAdd("application/json");
            request.Headers.Authorization = options.Server.Scheme == "https" ? new AuthenticationHeaderValue("Bearer", await TokenAsync(linked.Token)) : null;
            using var response = await http.SendAsync(request, linked.Token);
            return new Answer(response.StatusCode, Parse(await response.Content.ReadAsByteArrayAsync(linked.Token)));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TrafficFailures.Unreachable(what, $"no answer within {options.Timeout}");
        }
        catch (HttpRequestException exception) when (exception.InnerException is AuthenticationException)
        {
            throw KubernetesFailures.Untrusted(options, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw TrafficFailures.Unreachable(what, (exception as HttpRequestException)?.HttpRequestError.ToString() ?? "the connection broke", exception);
        }
    }

    private async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(options.TokenFile, cancellationToken)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw KubernetesFailures.NoToken(options, exception);
        }
    }

    private static JsonObject? Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null; // Not an API server's word; its status code decides, and success without an object is a refusal.
        }
    }

    private sealed record Answer(HttpStatusCode Code, JsonObject? Body);
}
