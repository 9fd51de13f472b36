using System.Collections.Concurrent;
using System.Net.Http.Headers;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Sources.Prometheus;

/// <summary>Reads a node's counters as a Prometheus that scrapes it last saw them, from the endpoint for federation: raw values, with the moment at which each was measured.</summary>
/// <remarks>
/// The same scrape read twice adds nothing, since its counters have not moved. A scrape that failed leaves no series behind, so that the node is not ready; one that is overdue is
/// no reading either: Prometheus repeats what it last saw for minutes.
/// </remarks>
public sealed class PrometheusSource : IMetricSource, IDisposable
{
    private const int Connections = 8;

    // The header that tells the time has no fractions of a second.
    private static readonly TimeSpan ClockStep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan VersionWithin = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, string> _versions = new();
    private readonly PrometheusSpec _prometheus;
    private readonly IMetricSource _direct;
    private readonly TimeProvider _clock;
    private readonly Uri _federate;
    private readonly HttpClient _client = MetricsText.NewClient(Connections);

    private PrometheusSource(PrometheusSpec prometheus, IMetricSource direct, TimeProvider clock)
    {
        (_prometheus, _direct, _clock) = (prometheus, direct, clock);
        _federate = new Uri(new Uri(prometheus.Url.AbsoluteUri.TrimEnd('/') + "/"), "federate");
        if (SecretReference.ResolveOptional(prometheus.Token) is { } token)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>The source of a watch; null where its spec names no Prometheus.</summary>
    /// <param name="monitor">How the watch judges.</param>
    /// <param name="direct">Asks a node itself, for the version that Kong 2.x does not tell in its metrics.</param>
    /// <param name="clock">Measures the time limits.</param>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.SecretNotFound"/>: the token's reference cannot be resolved.</exception>
    public static PrometheusSource? Of(MonitorSpec monitor, IMetricSource direct, TimeProvider clock) =>
        monitor.Prometheus is { } prometheus ? new PrometheusSource(prometheus, direct, clock) : null;

    /// <inheritdoc/>
    public async Task<NodeReading> ReadAsync(NodeSpec node, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var bounded = new CancellationTokenSource(timeout, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, cancellationToken);
        var reading = new NodeReading { Node = node.Name };
        try
        {
            return await WithVersionAsync(await WithMetricsAsync(reading, node, linked.Token), node, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return reading with { Problem = $"Prometheus did not answer within {timeout.TotalSeconds:0.#} s" };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ExpositionException)
        {
            return reading with { Problem = $"Prometheus: {MetricsText.Describe(exception)}" };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<NodeReading> WithMetricsAsync(NodeReading reading, NodeSpec node, CancellationToken cancellationToken)
    {
        var selector = PrometheusSelector.Of(_prometheus, node);
        var query = new Uri($"{_federate}?match[]={Uri.EscapeDataString(selector)}");
        using var response = await _client.GetAsync(query, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (MetricsText.ProblemOf(response, "Prometheus' /federate") is { } problem)
        {
            return reading with { Problem = problem };
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var sample = await KongMetricsReader.ReadAsync(body, ExpositionLimits.Default, cancellationToken);
        if (sample.Families == MetricFamilies.None)
        {
            return reading with { Problem = $"Prometheus has no series {selector}; the last scrape failed, or they are labelled otherwise" };
        }

        // Told by Prometheus' own clock, so that this host's may differ.
        var now = response.Headers.Date ?? _clock.GetUtcNow();
        return AgeProblem(sample.MeasuredAt, now) is { } old
            ? reading with { Problem = old }
            : reading with { Sample = sample, Ready = true, Version = sample.Version, DatabaseReachable = sample.DatastoreReachable };
    }

    private string? AgeProblem(DateTimeOffset? measuredAt, DateTimeOffset now) =>
        measuredAt is not { } at ? "Prometheus has none of the node's counters of requests"
        : now - at > (_prometheus.Interval * 2) + ClockStep ? $"Prometheus last read the node {(now - at).TotalSeconds:0} s ago; by monitor.prometheus.interval it does every {_prometheus.Interval.TotalSeconds:0.#} s"
        : null;

    private async Task<NodeReading> WithVersionAsync(NodeReading reading, NodeSpec node, CancellationToken cancellationToken)
    {
        if (reading.Sample is null || reading.Version is not null)
        {
            return reading;
        }

        if (_versions.TryGetValue(node.Name, out var known))
        {
            return reading with { Version = known };
        }

        // A program does not change its version while it runs: asked until it is known, and not again.
        var asked = await _direct.ReadAsync(node, VersionWithin, cancellationToken);
        if (asked.Version is { } version)
        {
            _versions[node.Name] = version;
        }

        return reading with { Version = asked.Version, OwnRequests = reading.OwnRequests + asked.OwnRequests };
    }
}
