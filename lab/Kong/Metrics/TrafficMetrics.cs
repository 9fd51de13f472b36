using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.StandInKong.Proxy;

namespace KongUpgradeMesh.Lab.StandInKong.Metrics;

/// <summary>What the prometheus plugin counts per service and route. Requests without a service are not counted here, by either release.</summary>
internal sealed class TrafficMetrics(Flavour flavour, TimeProvider time)
{
    private static readonly int[] Bounds28 = [1, 2, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 200, 300, 400, 500, 1000, 2000, 5000, 10000, 30000, 60000];
    private static readonly int[] KongBounds34 = [1, 2, 5, 7, 10, 15, 20, 30, 50, 75, 100, 200, 500, 750, 1000];
    private static readonly int[] UpstreamBounds34 = [25, 50, 80, 100, 250, 400, 700, 1000, 2000, 5000, 10000, 30000, 60000];

    private readonly ConcurrentDictionary<(string Service, string Route), TrafficSeries> _series = new();

    public IEnumerable<KeyValuePair<(string Service, string Route), TrafficSeries>> Series => _series.OrderBy(s => s.Key.Service, StringComparer.Ordinal).ThenBy(s => s.Key.Route, StringComparer.Ordinal);

    /// <summary>Counts from zero again.</summary>
    public void Reset() => _series.Clear();

    public void Record(ProxyExchange exchange, long bodyBytes)
    {
        if (exchange.Service is not { } service
            || !exchange.Snapshot.Plugins.TryGetValue("prometheus", out var plugin)
            || plugin.For(exchange.Match!.Route.Id, service.Id, exchange.Consumer?.Id) is not { } instance)
        {
            return;
        }

        var switches = instance.Settings(c => new Switches(c, flavour));
        var series = _series.GetOrAdd((service.Label, exchange.Match.Route.Label), _ => NewSeries());
        var consumer = switches.PerConsumer && exchange.Consumer is not null ? exchange.Consumer.Label : "";
        if (switches.Status)
        {
            var source = exchange.FromUpstream ? "service" : "kong";
            series.Statuses.GetOrAdd((exchange.Context.Response.StatusCode, source, consumer), _ => new Counter()).Add(1);
        }

        if (switches.Bandwidth)
        {
            series.Bandwidth.GetOrAdd(("egress", consumer), _ => new Counter()).Add(bodyBytes + HeaderBytes(exchange.Context.Response.Headers));
            series.Bandwidth.GetOrAdd(("ingress", consumer), _ => new Counter()).Add((exchange.Context.Request.ContentLength ?? 0) + HeaderBytes(exchange.Context.Request.Headers));
        }

        if (switches.Latency)
        {
            var total = (int)time.GetElapsedTime(exchange.StartedAt).TotalMilliseconds;
            var upstream = exchange.AnsweredAt == 0 ? 0 : (int)time.GetElapsedTime(exchange.SentAt, exchange.AnsweredAt).TotalMilliseconds;
            var before = exchange.SentAt == 0 ? total : (int)time.GetElapsedTime(exchange.StartedAt, exchange.SentAt).TotalMilliseconds;
            series.Request.Observe(total);
            series.Kong.Observe(before);
            if (exchange.AnsweredAt != 0)
            {
                series.Upstream.Observe(upstream);
            }
        }
    }

    private TrafficSeries NewSeries() => flavour.IsThree
        ? new TrafficSeries(new LatencyHistogram(KongBounds34), new LatencyHistogram(UpstreamBounds34), new LatencyHistogram(UpstreamBounds34))
        : new TrafficSeries(new LatencyHistogram(Bounds28), new LatencyHistogram(Bounds28), new LatencyHistogram(Bounds28));

    private static long HeaderBytes(IHeaderDictionary headers)
    {
        long bytes = 60;
        foreach (var (name, values) in headers)
        {
            bytes += name.Length + 4 + values.ToString().Length;
        }

        return bytes;
    }

    // 2.x has one switch; 3.x counts nothing until told to.
    private sealed class Switches(JsonObject config, Flavour flavour)
    {
        public bool Status { get; } = !flavour.IsThree || (bool?)config["status_code_metrics"] == true;

        public bool Latency { get; } = !flavour.IsThree || (bool?)config["latency_metrics"] == true;

        public bool Bandwidth { get; } = !flavour.IsThree || (bool?)config["bandwidth_metrics"] == true;

        public bool PerConsumer { get; } = (bool?)config["per_consumer"] == true;
    }
}
