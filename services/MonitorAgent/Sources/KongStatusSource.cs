using System.Text.Json;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Sources;

/// <summary>Reads <c>/status</c> and <c>/metrics</c> of the node's Status API, or of its Admin API where it has none.</summary>
public sealed class KongStatusSource : IMetricSource, IDisposable
{
    private const int LongestStatus = 1024 * 1024;

    private readonly HttpClient _client;
    private readonly TimeProvider _clock;

    /// <summary>Makes a source with connections of its own.</summary>
    /// <param name="clock">Measures the time limits.</param>
    public KongStatusSource(TimeProvider clock)
    {
        _clock = clock;
        _client = MetricsText.NewClient(connections: 2);
    }

    /// <inheritdoc/>
    public async Task<NodeReading> ReadAsync(NodeSpec node, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var bounded = new CancellationTokenSource(timeout, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, cancellationToken);
        var address = node.Status ?? node.Admin;
        var reading = new NodeReading { Node = node.Name };
        try
        {
            reading = await WithStatusAsync(reading, address, linked.Token);
            reading = await WithMetricsAsync(reading, address, linked.Token);
            return reading.Version is null ? await WithRootAsync(reading, node.Admin, linked.Token) : reading;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return reading.Sample is not null ? reading : reading with { Problem = reading.Problem ?? $"{(reading.Ready == true ? "/metrics not complete" : "no answer")} within {timeout.TotalSeconds:0.#} s" };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException or ExpositionException)
        {
            return reading.Sample is not null ? reading : reading with { Problem = reading.Problem ?? MetricsText.Describe(exception) };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static Uri At(Uri address, string path) => new(new Uri(address.AbsoluteUri.TrimEnd('/') + "/"), path);

    private async Task<NodeReading> WithStatusAsync(NodeReading reading, Uri address, CancellationToken cancellationToken)
    {
        using var response = await _client.GetAsync(At(address, "status"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        reading = reading with { OwnRequests = reading.OwnRequests + 1, Version = VersionOf(response) };
        if (!response.IsSuccessStatusCode)
        {
            return reading with { Problem = $"/status answers {(int)response.StatusCode}" };
        }

        // A broken status body leaves the database unknown; that the node serves is known from the answer's code.
        var reachable = await DatabaseOfAsync(response, cancellationToken);
        return reading with { Ready = true, DatabaseReachable = reachable };
    }

    private static async Task<bool?> DatabaseOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var document = await ReadJsonAsync(response, cancellationToken);
        return document is not null
            && document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("database", out var database)
            && database.ValueKind == JsonValueKind.Object
            && database.TryGetProperty("reachable", out var reachable)
            && reachable.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? reachable.GetBoolean()
            : null;
    }

    private async Task<NodeReading> WithMetricsAsync(NodeReading reading, Uri address, CancellationToken cancellationToken)
    {
        using var response = await _client.GetAsync(At(address, "metrics"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        reading = reading with { OwnRequests = reading.OwnRequests + 1 };
        if (MetricsText.ProblemOf(response, "/metrics") is { } problem)
        {
            return reading with { Problem = problem };
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var sample = await KongMetricsReader.ReadAsync(body, ExpositionLimits.Default, cancellationToken);
        if (sample.Families == MetricFamilies.None)
        {
            return reading with { Problem = "/metrics shows no metric of Kong" };
        }

        return reading with
        {
            Sample = sample,
            Version = sample.Version ?? reading.Version,
            DatabaseReachable = sample.DatastoreReachable ?? reading.DatabaseReachable,
        };
    }

    private async Task<NodeReading> WithRootAsync(NodeReading reading, Uri admin, CancellationToken cancellationToken)
    {
        // Only where the Server header is switched off on a 2.x node.
        using var response = await _client.GetAsync(At(admin, ""), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var document = response.IsSuccessStatusCode ? await ReadJsonAsync(response, cancellationToken) : null;
        return document is not null
            && document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("version", out var version)
            && version.ValueKind == JsonValueKind.String
            ? reading with { Version = version.GetString(), OwnRequests = reading.OwnRequests + 1 }
            : reading with { OwnRequests = reading.OwnRequests + 1 };
    }

    private static async Task<JsonDocument?> ReadJsonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(LongestStatus, cancellationToken);
            return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? VersionOf(HttpResponseMessage response)
    {
        const string Prefix = "kong/";
        return response.Headers.TryGetValues("Server", out var values)
            && values.FirstOrDefault(static v => v.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) is { } server
            ? server[Prefix.Length..]
            : null;
    }
}
