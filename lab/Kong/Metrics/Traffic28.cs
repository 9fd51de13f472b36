using SeriesList = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.KeyValuePair<(string Service, string Route), KongUpgradeMesh.Lab.StandInKong.Metrics.TrafficSeries>>;

namespace KongUpgradeMesh.Lab.StandInKong.Metrics;

/// <summary>The traffic metrics of 2.8.</summary>
internal static class Traffic28
{
    public static void WriteFirst(PrometheusWriter writer, SeriesList series)
    {
        if (series.Count == 0)
        {
            return;
        }

        writer.Describe("kong_bandwidth", "counter", "Total bandwidth in bytes consumed per service/route in Kong");
        foreach (var ((service, route), values) in series)
        {
            foreach (var group in values.Bandwidth.GroupBy(b => b.Key.Direction).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                writer.Sample("kong_bandwidth", group.Sum(b => b.Value.Value), ("service", service), ("route", route), ("type", group.Key));
            }
        }
    }

    public static void WriteStatuses(PrometheusWriter writer, SeriesList series)
    {
        if (series.Count == 0)
        {
            return;
        }

        if (series.Any(s => s.Value.Statuses.Keys.Any(k => k.Consumer.Length > 0)))
        {
            writer.Describe("kong_http_consumer_status", "counter", "HTTP status codes for customer per service/route in Kong");
            foreach (var ((service, route), values) in series)
            {
                foreach (var ((code, _, consumer), count) in values.Statuses.Where(s => s.Key.Consumer.Length > 0).OrderBy(s => s.Key.Code))
                {
                    writer.Sample("kong_http_consumer_status", count.Value, ("service", service), ("route", route), ("code", code.ToString()), ("consumer", consumer));
                }
            }
        }

        writer.Describe("kong_http_status", "counter", "HTTP status codes per service/route in Kong");
        foreach (var ((service, route), values) in series)
        {
            foreach (var group in values.Statuses.GroupBy(s => s.Key.Code).OrderBy(g => g.Key))
            {
                writer.Sample("kong_http_status", group.Sum(s => s.Value.Value), ("service", service), ("route", route), ("code", group.Key.ToString()));
            }
        }

        writer.Describe("kong_latency", "histogram", "Latency added by Kong, total request time and upstream latency for each service/route in Kong");
        foreach (var ((service, route), values) in series)
        {
            foreach (var (type, histogram) in Types(values))
            {
                writer.Buckets("kong_latency", histogram, ("service", service), ("route", route), ("type", type));
            }
        }

        WriteTotals(writer, series, "kong_latency_count", h => h.Cumulative()[^1]);
        WriteTotals(writer, series, "kong_latency_sum", h => h.Sum);
    }

    private static void WriteTotals(PrometheusWriter writer, SeriesList series, string name, Func<LatencyHistogram, long> value)
    {
        foreach (var ((service, route), values) in series)
        {
            foreach (var (type, histogram) in Types(values))
            {
                if (histogram.Cumulative()[^1] > 0)
                {
                    writer.Sample(name, value(histogram), ("service", service), ("route", route), ("type", type));
                }
            }
        }
    }

    private static (string Type, LatencyHistogram Histogram)[] Types(TrafficSeries series) => [("kong", series.Kong), ("request", series.Request), ("upstream", series.Upstream)];
}
