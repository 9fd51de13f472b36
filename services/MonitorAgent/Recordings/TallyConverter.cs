using System.Text.Json;
using System.Text.Json.Serialization;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>Writes a tally whole, and small: what did not happen takes no room.</summary>
internal sealed class TallyConverter : JsonConverter<TrafficTally>
{
    public override TrafficTally Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var line = JsonSerializer.Deserialize<TallyLine>(ref reader, options) ?? throw new JsonException("a tally is missing");
        var tally = new TrafficTally();
        foreach (var requests in line.Requests ?? [])
        {
            if (!double.IsFinite(requests.Count) || requests.Count <= 0)
            {
                throw new JsonException("a count of requests must be above 0");
            }

            tally.AddRequests(new RouteCode(requests.Service, requests.Route, requests.Code, requests.Origin ?? AnswerOrigin.Unknown), requests.Count);
        }

        foreach (var latency in line.Latencies ?? [])
        {
            tally.AddLatency(
                new RouteKey(latency.Service, latency.Route),
                RouteLatency.FromValues(latency.Values, latency.HasBuckets) ?? throw new JsonException("a latency histogram has another number of buckets than this version's"));
        }

        tally.AddLatency(line.RequestLatency ?? default, line.UpstreamLatency ?? default);
        tally.AddNginx(line.Nginx ?? 0, line.MetricErrors ?? 0);
        return tally;
    }

    public override void Write(Utf8JsonWriter writer, TrafficTally value, JsonSerializerOptions options) => JsonSerializer.Serialize(
        writer,
        new TallyLine(
            value.Requests.Count == 0 ? null : [.. value.Requests.Select(static r => new RequestsLine(r.Key.Service, r.Key.Route, r.Key.Code, r.Value, r.Key.Origin == AnswerOrigin.Unknown ? null : r.Key.Origin))],
            value.RequestLatency == default ? null : value.RequestLatency,
            value.UpstreamLatency == default ? null : value.UpstreamLatency,
            value.NginxRequests == 0 ? null : value.NginxRequests,
            value.MetricErrors == 0 ? null : value.MetricErrors,
            value.Latencies.Count == 0 ? null : [.. value.Latencies.Select(static l => new LatencyLine(l.Key.Service, l.Key.Route, l.Value.Values, l.Value.HasBuckets))]),
        options);

    private sealed record TallyLine(
        IReadOnlyList<RequestsLine>? Requests = null,
        LatencyTotal? RequestLatency = null,
        LatencyTotal? UpstreamLatency = null,
        double? Nginx = null,
        double? MetricErrors = null,
        IReadOnlyList<LatencyLine>? Latencies = null);

    private sealed record LatencyLine(string Service, string Route, IReadOnlyList<double> Values, bool HasBuckets);

    private sealed record RequestsLine(string Service, string Route, int Code, double Count, AnswerOrigin? Origin = null);
}
