using SeriesList = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.KeyValuePair<(string Service, string Route), KongUpgradeMesh.Lab.StandInKong.Metrics.TrafficSeries>>;

namespace KongUpgradeMesh.Lab.StandInKong.Metrics;

/// <summary>The traffic metrics of 3.4.</summary>
internal static class Traffic34
{
    public static void WriteFirst(PrometheusWriter writer, SeriesList series)
    {
        if (series.All(s => s.Value.Bandwidth.IsEmpty))
        {
            return;
        }

        writer.Describe("kong_bandwidth_bytes", "counter", "Total bandwidth (ingress/egress) throughput in bytes");
        foreach (var ((service, route), values) in series)
        {
            foreach (var ((direction, consumer), count) in values.Bandwidth.OrderBy(b => b.Key.Direction, StringComparer.Ordinal).ThenBy(b => b.Key.Consumer, StringComparer.Ordinal))
            {
                writer.Sample("kong_bandwidth_bytes", count.Value, ("service", service), ("route", route), ("direction", direction), ("consumer", consumer));
            }
        }
    }

    public static void WriteRequests(PrometheusWriter writer, SeriesList series)
    {
        if (series.Any(s => !s.Value.Statuses.IsEmpty))
        {
            writer.Describe("kong_http_requests_total", "counter", "HTTP status codes per consumer/service/route in Kong");
            foreach (var ((service, route), values) in series)
            {
                foreach (var ((code, source, consumer), count) in values.Statuses.OrderBy(s => s.Key.Code).ThenBy(s => s.Key.Source, StringComparer.Ordinal).ThenBy(s => s.Key.Consumer, StringComparer.Ordinal))
                {
                    writer.Sample("kong_http_requests_total", count.Value, ("service", service), ("route", route), ("code", code.ToString()), ("source", source), ("consumer", consumer));
                }
            }
        }

        WriteHistogram(writer, series, "kong_kong_latency_ms", "Latency added by Kong and enabled plugins for each service/route in Kong", s => s.Kong);
    }

    public static void WriteLast(PrometheusWriter writer, SeriesList series)
    {
        WriteHistogram(writer, series, "kong_request_latency_ms", "Total latency incurred during requests for each service/route in Kong", s => s.Request);
        WriteHistogram(writer, series, "kong_upstream_latency_ms", "Latency added by upstream response for each service/route in Kong", s => s.Upstream);
    }

    private static void WriteHistogram(PrometheusWriter writer, SeriesList series, string name, string help, Func<TrafficSeries, LatencyHistogram> pick)
    {
        var filled = series.Where(s => pick(s.Value).Cumulative()[^1] > 0).ToList();
        if (filled.Count == 0)
        {
            return;
        }

        writer.Describe(name, "histogram", help);
        foreach (var ((service, route), values) in filled)
        {
            writer.Buckets(name, pick(values), ("service", service), ("route", route));
        }

        foreach (var ((service, route), values) in filled)
        {
            writer.Sample(name + "_count", pick(values).Cumulative()[^1], ("service", service), ("route", route));
        }

        foreach (var ((service, route), values) in filled)
        {
            writer.Sample(name + "_sum", pick(values).Sum, ("service", service), ("route", route));
        }
    }
}
