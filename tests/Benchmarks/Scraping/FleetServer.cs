using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KongUpgradeMesh.Benchmarks.Scraping;

/// <summary>The nodes that are watched, in a process of their own: what it costs to serve them is nobody's who watches. Each has a port, a counter of its own requests, and answers as Kong's Status API does.</summary>
/// <remarks>Plain sockets instead of a web server: on a machine of two cores the nodes must leave room for what is measured.</remarks>
internal sealed class FleetServer : IDisposable
{
    /// <summary>The word on the command line that makes this program the fleet.</summary>
    public const string Command = "serve-fleet";

    private const int LongestRequest = 8192;
    private readonly CancellationTokenSource _end = new();
    private readonly List<Socket> _listeners = [];
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly int _series;
    private FleetPage _page;

    private FleetServer(int series) => (_series, _page) = (series, FleetPage.Render(series, 0));

    /// <summary>Serves until the standard input ends, so that the fleet never outlives who started it. Writes one port a line, then an empty line.</summary>
    /// <param name="versions">One node for each; its version of Kong.</param>
    /// <param name="series">Series of each node.</param>
    public static async Task RunAsync(IReadOnlyList<string> versions, int series)
    {
        using var server = new FleetServer(series);
        foreach (var version in versions)
        {
            Console.WriteLine(server.Listen(version).ToString(CultureInfo.InvariantCulture));
        }

        Console.WriteLine();
        var moving = server.MoveAsync();
        await Console.In.ReadToEndAsync();
        await server._end.CancelAsync();
        await moving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _end.Cancel();
        _listeners.ForEach(static l => l.Dispose());
        _end.Dispose();
    }

    private int Listen(string version)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _listeners.Add(listener);
        _ = AcceptAsync(listener, new Node(version));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    private async Task MoveAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        while (await timer.WaitForNextTickAsync(_end.Token))
        {
            _page = FleetPage.Render(_series - Node.Series, (long)TimeProvider.System.GetElapsedTime(_start).TotalSeconds);
        }
    }

    private async Task AcceptAsync(Socket listener, Node node)
    {
        while (!_end.IsCancellationRequested)
        {
            var connection = await listener.AcceptAsync(_end.Token);
            connection.NoDelay = true;
            _ = ServeAsync(connection, node);
        }
    }

    private async Task ServeAsync(Socket connection, Node node)
    {
        using var closing = connection;
        var request = new byte[LongestRequest];
        var filled = 0;
        try
        {
            int read;
            while ((read = await connection.ReceiveAsync(request.AsMemory(filled), _end.Token)) > 0)
            {
                filled += read;
                if (request.AsSpan(0, filled).EndsWith("\r\n\r\n"u8))
                {
                    await connection.SendAsync(node.Answer(request.AsSpan(0, filled), _page));
                    filled = 0;
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ArgumentException)
        {
            // The client went, or the fleet ends.
        }
    }

    private sealed class Node(string version)
    {
        /// <summary>Series that differ from node to node.</summary>
        public const int Series = 11;

        private readonly Guid _id = Guid.NewGuid();
        private int _requests;

        public ArraySegment<byte>[] Answer(ReadOnlySpan<byte> request, FleetPage page)
        {
            var requests = Interlocked.Increment(ref _requests);
            return request.StartsWith("GET /metrics "u8) ? [Head("200 OK", "text/plain; charset=UTF-8"), FleetPage.Chunk(Own(page, requests)), page.Chunks]
                : request.StartsWith("GET /status "u8) ? [Head("200 OK", "application/json"), FleetPage.Chunk("{\"database\":{\"reachable\":true}}"u8), "0\r\n\r\n"u8.ToArray()]
                : [Head("404 Not Found", "application/json"), "0\r\n\r\n"u8.ToArray()];
        }

        private byte[] Head(string status, string type) =>
            Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\nServer: kong/{version}\r\n\r\n");

        private byte[] Own(FleetPage page, int requests)
        {
            var labels = $"node_id=\"{_id}\",subsystem=\"http\"";
            var total = (long)page.Requests + requests;
            return Encoding.UTF8.GetBytes(
                $"""
                kong_datastore_reachable 1
                kong_memory_workers_lua_vms_bytes{"{"}node_id="{_id}",pid="1",kong_subsystem="http"{"}"} 72198798
                kong_nginx_connections_total{"{"}{labels},state="accepted"{"}"} {total}
                kong_nginx_connections_total{"{"}{labels},state="active"{"}"} 1
                kong_nginx_connections_total{"{"}{labels},state="reading"{"}"} 0
                kong_nginx_connections_total{"{"}{labels},state="total"{"}"} {total}
                kong_nginx_connections_total{"{"}{labels},state="waiting"{"}"} 0
                kong_nginx_connections_total{"{"}{labels},state="writing"{"}"} 1
                kong_nginx_metric_errors_total 0
                kong_nginx_requests_total{"{"}{labels}{"}"} {total}
                kong_node_info{"{"}node_id="{_id}",version="{version}"{"}"} 1

                """);
        }
    }
}
