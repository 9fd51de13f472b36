using System.Globalization;
using System.Text;

namespace KongUpgradeMesh.Benchmarks.Scraping;

/// <summary>What every node of the fleet exposes in one second, in the order and with the names of Kong 3, already cut into the chunks in which Kong sends it.</summary>
/// <remarks>Rendered once a second for all nodes: serving must cost little beside what is measured.</remarks>
internal sealed class FleetPage
{
    /// <summary>Requests a second of a node.</summary>
    public const int RequestsPerSecond = 100;

    // Kong prints whenever about so much has gathered.
    private const int ChunkBytes = 4096;
    private const int Dictionaries = 11;
    private const int LeastTargets = 10;

    // Requests that each node had before it was looked at, so that values are as long as those of a node in service.
    private const long Before = 50_000_000;

    private static readonly string[] KongBounds = ["1", "2", "5", "7", "10", "15", "20", "30", "50", "75", "100", "200", "500", "750", "1000", "+Inf"];
    private static readonly string[] OtherBounds = ["25", "50", "80", "100", "250", "400", "700", "1000", "2000", "5000", "10000", "30000", "60000", "+Inf"];
    private static readonly (string Code, string Source, int Percent)[] Answers = [("200", "service", 97), ("401", "kong", 2), ("500", "service", 1)];
    private static readonly int SeriesOfRoute = 2 + Answers.Length + KongBounds.Length + (2 * OtherBounds.Length) + 6;

    private FleetPage(byte[] chunks, int series, double requests) => (Chunks, Series, Requests) = (chunks, series, requests);

    /// <summary>All chunks but those of the node itself, the last one included.</summary>
    public byte[] Chunks { get; }

    /// <summary>Number of series in it.</summary>
    public int Series { get; }

    /// <summary>Requests with a route so far.</summary>
    public double Requests { get; }

    /// <summary>Renders the page of a second.</summary>
    /// <param name="series">How many series, at least 200.</param>
    /// <param name="second">Seconds since the fleet was started.</param>
    public static FleetPage Render(int series, long second)
    {
        var routes = (series - (2 * Dictionaries) - LeastTargets) / SeriesOfRoute;
        var targets = series - (2 * Dictionaries) - (routes * SeriesOfRoute);
        var counts = new long[routes];
        for (var route = 0; route < routes; route++)
        {
            // The busiest route has some ten times the traffic of the others; whole numbers, so that every series is exact.
            counts[route] = 100 * ((Before + (second * RequestsPerSecond * (route == 0 ? 10 : 1))) / (100 * (routes + 9)));
        }

        var text = new Lines(series * 128);
        foreach (var (direction, bytes) in new[] { ("egress", 900), ("ingress", 300) })
        {
            text.EachRoute("kong_bandwidth_bytes", counts, $",direction=\"{direction}\",consumer=\"\"", count => count * bytes);
        }

        foreach (var (code, source, percent) in Answers)
        {
            text.EachRoute("kong_http_requests_total", counts, $",code=\"{code}\",source=\"{source}\",consumer=\"\"", count => count * percent / 100);
        }

        text.Histogram("kong_kong_latency_ms", counts, KongBounds, milliseconds: 3);
        for (var dictionary = 0; dictionary < Dictionaries; dictionary++)
        {
            text.Add($"kong_memory_lua_shared_dict_bytes{{node_id=\"n\",shared_dict=\"dict_{dictionary}\",kong_subsystem=\"http\"}}", 40_960);
            text.Add($"kong_memory_lua_shared_dict_total_bytes{{node_id=\"n\",shared_dict=\"dict_{dictionary}\",kong_subsystem=\"http\"}}", 5_242_880);
        }

        text.Histogram("kong_request_latency_ms", counts, OtherBounds, milliseconds: 43);
        text.Histogram("kong_upstream_latency_ms", counts, OtherBounds, milliseconds: 40);
        for (var target = 0; target < targets; target++)
        {
            text.Add($"kong_upstream_target_health{{upstream=\"upstream-{target / 4}\",target=\"10.0.0.{target}:8080\",address=\"10.0.0.{target}:8080\",state=\"healthy\",subsystem=\"http\"}}", 1);
        }

        return new FleetPage(Cut(text.Bytes()), text.Count, counts.Sum());
    }

    /// <summary>One chunk of a chunked answer.</summary>
    public static byte[] Chunk(ReadOnlySpan<byte> bytes) => [.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, .. "\r\n"u8];

    private static byte[] Cut(byte[] text)
    {
        using var chunks = new MemoryStream(text.Length + (text.Length / 256));
        for (var start = 0; start < text.Length; start += ChunkBytes)
        {
            chunks.Write(Chunk(text.AsSpan(start, Math.Min(ChunkBytes, text.Length - start))));
        }

        chunks.Write("0\r\n\r\n"u8);
        return chunks.ToArray();
    }

    private sealed class Lines(int capacity)
    {
        private readonly StringBuilder _text = new(capacity);

        public int Count { get; private set; }

        public byte[] Bytes() => Encoding.UTF8.GetBytes(_text.ToString());

        public void Add(string series, long value)
        {
            Count++;
            _text.Append(series).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }

        public void EachRoute(string name, long[] counts, string labels, Func<long, long> value)
        {
            for (var route = 0; route < counts.Length; route++)
            {
                Add($"{name}{{service=\"service-{route / 3:000}\",route=\"service-{route / 3:000}-route-{route:000}\"{labels}}}", value(counts[route]));
            }
        }

        // Buckets fill evenly: what matters here is that they differ, grow and end with the count.
        public void Histogram(string name, long[] counts, string[] bounds, long milliseconds)
        {
            for (var route = 0; route < counts.Length; route++)
            {
                for (var bound = 0; bound < bounds.Length; bound++)
                {
                    Add($"{name}_bucket{{service=\"service-{route / 3:000}\",route=\"service-{route / 3:000}-route-{route:000}\",le=\"{bounds[bound]}\"}}", counts[route] * (bound + 1) / bounds.Length);
                }
            }

            EachRoute($"{name}_count", counts, "", static count => count);
            EachRoute($"{name}_sum", counts, "", count => count * milliseconds);
        }
    }
}
