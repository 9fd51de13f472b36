using System.Collections.Concurrent;
using System.Net.Http.Headers;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Sources.Prometheus;

/// <summary>Reads a node's counters as a Prometheus that scrapes it last saw them, from the endpoint for federation: raw values, with the moment at which each was measured.</summary>
/// <remarks>
/// The same scrape read twice adds nothing, since its counters have not moved. A node is not ready when Prometheus could not scrape it. Where Prometheus itself does not answer, or
/// its scrape is overdue, nothing is known of the node: that is blindness, which fails nobody, and not a node that is gone.
/// </remarks>
public sealed class PrometheusSource : IMetricSource, IDisposable
{
    private const int Connections = 8;

    // The header that tells the time has no fractions of a second.
    private static readonly TimeSpan ClockStep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan VersionWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan VersionAgainAfter = TimeSpan.FromMinutes(1);

    // By address: clusters X and Y may name their nodes alike.
    private readonly ConcurrentDictionary<Uri, (string? Version, long AskedAt)> _versions = new();
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
        var reading = await WithMetricsAsync(node, timeout, cancellationToken);
        return reading is { Sample: not null, Version: null } ? await WithVersionAsync(reading, node, cancellationToken) : reading;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<NodeReading> WithMetricsAsync(NodeSpec node, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var bounded = new CancellationTokenSource(timeout, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, cancellationToken);
        try
        {
            return await ReadAsync(node, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unknown(node, $"Prometheus did not answer within {timeout.TotalSeconds:0.#} s");
        }
        catch (ExpositionException exception) when (exception.Fault == ExpositionFault.Doubled)
        {
            return Unknown(node, $"Prometheus has the node twice as {PrometheusSelector.UpOf(_prometheus, node)}; name the job in monitor.prometheus.job");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ExpositionException)
        {
            return Unknown(node, $"Prometheus: {MetricsText.Describe(exception)}");
        }
    }

    private async Task<NodeReading> ReadAsync(NodeSpec node, CancellationToken cancellationToken)
    {
        var (selector, metrics) = (PrometheusSelector.UpOf(_prometheus, node), PrometheusSelector.MetricsOf(_prometheus, node));
        return await AskAsync<ScrapedTarget?>(selector, ScrapedTarget.ReadAsync, cancellationToken) switch
        {
            ({ } problem, _, _) => Unknown(node, problem),
            (_, null, _) => Unknown(node, $"Prometheus has no series {selector}"),
            (_, { Up: false }, _) => new NodeReading { Node = node.Name, Ready = false, Problem = "Prometheus could not scrape it" },
            (_, { Labels: var added }, _) => ReadingOf(node, await AskAsync(metrics, (body, limits, token) => KongMetricsReader.ReadAsync(body, limits, added, token), cancellationToken)),
        };
    }

    private async Task<(string? Problem, T? Answer, DateTimeOffset Now)> AskAsync<T>(
        string selector, Func<Stream, ExpositionLimits, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var response = await _client.GetAsync(new Uri($"{_federate}?match[]={Uri.EscapeDataString(selector)}"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (MetricsText.ProblemOf(response, "Prometheus' /federate") is { } problem)
        {
            return (problem, default, default);
        }

        // Told by Prometheus' own clock, so that this host's may differ.
        var now = response.Headers.Date ?? _clock.GetUtcNow();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return (null, await read(body, ExpositionLimits.Default, cancellationToken), now);
    }

    private NodeReading ReadingOf(NodeSpec node, (string? Problem, NodeSample? Sample, DateTimeOffset Now) answer) =>
        answer.Sample is not { } sample ? Unknown(node, answer.Problem)
        : AgeProblem(sample.MeasuredAt, answer.Now) is { } old ? Unknown(node, old)
        : new NodeReading { Node = node.Name, Sample = sample, Ready = true, Version = sample.Version, DatabaseReachable = sample.DatastoreReachable };

    // Whether the node serves is not told by a Prometheus that is away.
    private static NodeReading Unknown(NodeSpec node, string? problem) => new() { Node = node.Name, Ready = null, Problem = problem };

    private string? AgeProblem(DateTimeOffset? measuredAt, DateTimeOffset now) =>
        measuredAt is not { } at ? "Prometheus has none of the node's counters of requests"
        : at - now > Ahead ? $"Prometheus tells of {(at - now).TotalSeconds:0} s from now; its clock, or that of a proxy before it, is wrong"
        : now - at > (_prometheus.Interval * 2) + ClockStep ? $"Prometheus last read the node {(now - at).TotalSeconds:0} s ago; by monitor.prometheus.interval it does every {_prometheus.Interval.TotalSeconds:0.#} s"
        : null;

    // A program does not change its version while it runs: asked until it is known, and not again.
    private async Task<NodeReading> WithVersionAsync(NodeReading reading, NodeSpec node, CancellationToken cancellationToken)
    {
        if (_versions.TryGetValue(PrometheusSelector.AddressOf(node), out var known) && (known.Version is not null || _clock.GetElapsedTime(known.AskedAt) < VersionAgainAfter))
        {
            return reading with { Version = known.Version };
        }

        var asked = await _direct.ReadAsync(node, VersionWithin, cancellationToken);
        _versions[PrometheusSelector.AddressOf(node)] = (asked.Version, _clock.GetTimestamp());
        return reading with { Version = asked.Version, OwnRequests = asked.OwnRequests };
    }
}
