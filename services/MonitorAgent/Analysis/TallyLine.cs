using System.Text.Json.Serialization;
using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>A tally as it is written to disk; what did not happen is null.</summary>
internal record TallyLine
{
    public IReadOnlyList<RequestsLine>? Requests { get; init; }

    public LatencyTotal? RequestLatency { get; init; }

    public LatencyTotal? UpstreamLatency { get; init; }

    public double? Nginx { get; init; }

    public double? MetricErrors { get; init; }

    public IReadOnlyList<LatencyLine>? Latencies { get; init; }

    /// <summary>The line of a tally.</summary>
    /// <param name="tally">The tally.</param>
    public TallyLine(TrafficTally tally)
    {
        Requests = tally.Requests.Count == 0
            ? null
            : [.. tally.Requests.Select(static r => new RequestsLine(r.Key.Service, r.Key.Route, r.Key.Code, r.Value, r.Key.Origin == AnswerOrigin.Unknown ? null : r.Key.Origin))];
        RequestLatency = tally.RequestLatency == default ? null : tally.RequestLatency;
        UpstreamLatency = tally.UpstreamLatency == default ? null : tally.UpstreamLatency;
        Nginx = tally.NginxRequests == 0 ? null : tally.NginxRequests;
        MetricErrors = tally.MetricErrors == 0 ? null : tally.MetricErrors;
        Latencies = tally.Latencies.Count == 0 ? null : [.. tally.Latencies.Select(static l => new LatencyLine(l.Key.Service, l.Key.Route, l.Value.Values, l.Value.HasBuckets))];
    }

    /// <summary>For the reader.</summary>
    [JsonConstructor]
    public TallyLine()
    {
    }

    /// <summary>The tally; histograms of another layout than this version's are left out.</summary>
    public TrafficTally ToTally()
    {
        var tally = new TrafficTally();
        foreach (var (service, route, code, count, origin) in Requests ?? [])
        {
            tally.AddRequests(new RouteCode(service, route, code, origin ?? AnswerOrigin.Unknown), count);
        }

        foreach (var line in Latencies ?? [])
        {
            if (line.ToLatency() is { } latency)
            {
                tally.AddLatency(new RouteKey(line.Service, line.Route), latency);
            }
        }

        tally.AddLatency(RequestLatency ?? default, UpstreamLatency ?? default);
        tally.AddNginx(Nginx ?? 0, MetricErrors ?? 0);
        return tally;
    }

    public sealed record RequestsLine(string Service, string Route, int Code, double Count, AnswerOrigin? Origin = null);

    public sealed record LatencyLine(string Service, string Route, IReadOnlyList<double> Values, bool HasBuckets)
    {
        /// <summary>The histograms; null when they have another layout than this version's.</summary>
        public RouteLatency? ToLatency() => RouteLatency.FromValues(Values, HasBuckets);
    }
}
