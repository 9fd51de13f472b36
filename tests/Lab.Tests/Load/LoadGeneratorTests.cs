using System.Net;
using System.Net.Sockets;
using System.Text;
using KongUpgradeMesh.Lab.Load;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Lab.Tests.Load;

public sealed class LoadGeneratorTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sends_at_the_rate_and_counts_every_answer()
    {
        await using var upstream = await EchoUpstream.StartAsync(0, TimeProvider.System, Cancelled);
        await using var load = Generator(upstream.Address, "/orders/1");
        using var pace = new Pace();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var run = load.RunAsync(null, stop.Token);
        await ReachesAsync(load, static r => r.Total >= 150);
        var (took, onTheClock) = (pace.Elapsed, pace.OnTheClock);
        await stop.CancelAsync();
        var report = await run;

        // A second and a half at this rate; a machine that stalls makes it later, and nothing makes it sooner.
        Assert.True(onTheClock > TimeSpan.FromSeconds(1.45) && took < TimeSpan.FromSeconds(2), $"150 requests took {took} at the pace of a machine at rest, {onTheClock} on the clock");
        Assert.Equal(report.Total, upstream.Count);
        Assert.Equal(report.Total, upstream.CountByService["orders"]);
        Assert.Equal(0, report.Failed);
        Assert.Null(report.FirstFailureAt);
        Assert.Equal(0, report.Skipped);
    }

    [Fact]
    public async Task An_unexpected_status_is_a_failure()
    {
        await using var upstream = await EchoUpstream.StartAsync(0, TimeProvider.System, Cancelled);
        await using var load = Generator(upstream.Address, "/orders?status=503");
        var report = await RunAsync(load, requests: 5);
        Assert.True(report.Total > 0);
        Assert.Equal(report.Total, report.Failed);
        Assert.Equal(report.Total, report.Statuses[503]);
        Assert.Equal("status 503", report.Failures[0].Reason);
        Assert.NotNull(report.FirstFailureAt);
    }

    [Fact]
    public async Task Nobody_listening_is_a_failure_for_every_request()
    {
        var port = Servers.LoopbackPorts.Take();
        await using var load = Generator(new Uri($"http://127.0.0.1:{port}"), "/");
        var report = await RunAsync(load, requests: 5);
        Assert.True(report.Total > 0);
        Assert.Equal(report.Total, report.Failed);
        Assert.Equal("ConnectionRefused", report.Failures[0].Reason);
    }

    [Fact]
    public async Task Counts_sides_and_finds_clients_that_moved_back()
    {
        var side = "x";
        await using var server = new RawServer(() => Answer(side));
        await using var load = Generator(server.Address, "/", clients: 3);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var run = load.RunAsync(null, stop.Token);
        await ReachesAsync(load, static r => r.RequestsX >= 20);
        side = "y";
        await ReachesAsync(load, static r => r.RequestsY >= 20);
        Assert.Empty(load.Report().MovedBack);

        side = "x";
        await ReachesAsync(load, static r => r.MovedBack.Count == 3);
        await stop.CancelAsync();
        var report = await run;
        Assert.Equal(0, report.Failed);
        Assert.Equal(report.Total, report.RequestsX + report.RequestsY);
        Assert.Contains(report.Seconds, static s => s.ShareY > 0);
    }

    [Fact]
    public async Task Clients_may_move_back_once_a_rollback_is_declared()
    {
        var side = "y";
        await using var server = new RawServer(() => Answer(side));
        await using var load = Generator(server.Address, "/", clients: 3);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var run = load.RunAsync(null, stop.Token);
        await ReachesAsync(load, static r => r.RequestsY >= 20);
        var begunAt = TimeProvider.System.GetUtcNow();
        side = "x";
        await ReachesAsync(load, static r => r.RequestsX >= 20);
        load.DeclareRollback(begunAt);
        await stop.CancelAsync();
        Assert.Empty((await run).MovedBack);
    }

    [Fact]
    public async Task A_connection_that_breaks_under_a_request_is_never_repeated()
    {
        var answers = 0;
        await using var server = new RawServer(() => Interlocked.Increment(ref answers) % 5 == 0 ? null : Answer("x"));
        await using var load = Generator(server.Address, "/");
        var report = await RunAsync(load, requests: 50);
        Assert.Equal(report.Total, answers);
        Assert.Equal(report.Total / 5, report.Failed);
        Assert.NotEmpty(report.Failures);
    }

    [Fact]
    public async Task A_connection_closed_while_idle_is_replaced_without_a_failure()
    {
        await using var server = new RawServer(static () => Answer("x"), closeAfterAnswer: true);
        // One at a time: requests that a stall of the machine bunches together would find the connection before it is closed.
        await using var load = Generator(server.Address, "/", rate: 10, inFlight: 1);
        var report = await RunAsync(load, requests: 6);
        Assert.Equal(0, report.Failed);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort")]
    [InlineData("nonsense\r\n\r\n")]
    public async Task An_answer_that_is_cut_off_or_no_http_is_a_failure(string answer)
    {
        await using var server = new RawServer(() => answer, closeAfterAnswer: true);
        await using var load = Generator(server.Address, "/", rate: 20);
        var report = await RunAsync(load, requests: 5);
        Assert.True(report.Total > 0);
        Assert.Equal(report.Total, report.Failed);
    }

    [Fact]
    public async Task A_slow_answer_times_out_and_is_a_failure()
    {
        await using var upstream = await EchoUpstream.StartAsync(0, TimeProvider.System, Cancelled);
        upstream.Latency = TimeSpan.FromSeconds(20);
        await using var load = new LoadGenerator(
            new LoadOptions
            {
                Target = upstream.Address,
                Clients = [new LoadClient("c1", new Dictionary<string, string>())],
                Requests = [new LoadRequest { Path = "/" }],
                RatePerSecond = 10,
                RequestTimeout = TimeSpan.FromSeconds(0.5),
            },
            TimeProvider.System);
        var report = await RunAsync(load, requests: 5);
        Assert.True(report.Total > 0);
        Assert.Equal(report.Total, report.Failed);
        Assert.Equal("timeout", report.Failures[0].Reason);
    }

    private static string Answer(string side) => $"HTTP/1.1 200 OK\r\nX-KUM-Side: {side}\r\nContent-Length: 2\r\n\r\nok";

    // Until so many were answered: how long that takes is the machine's doing.
    private static async Task<LoadReport> RunAsync(LoadGenerator load, long requests)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var run = load.RunAsync(null, stop.Token);
        await ReachesAsync(load, r => r.Total >= requests);
        await stop.CancelAsync();
        return await run;
    }

    private static Task<LoadReport> ReachesAsync(LoadGenerator load, Func<LoadReport, bool> condition) =>
        Eventually.ReachesAsync("the load's report", () => Task.FromResult(load.Report()), condition, cancellationToken: Cancelled);

    private static LoadGenerator Generator(Uri target, string path, int clients = 5, double rate = 100, int inFlight = 10_000) => new(
        new LoadOptions
        {
            Target = target,
            Clients = [.. Enumerable.Range(0, clients).Select(static i => new LoadClient($"c{i}", new Dictionary<string, string> { ["X-Client"] = $"c{i}" }))],
            Requests = [new LoadRequest { Path = path }],
            RatePerSecond = rate,
            MaximumInFlight = inFlight,
        },
        TimeProvider.System);

    /// <summary>A server under the test's full control: sends what it is told, or breaks the connection for null.</summary>
    private sealed class RawServer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Func<string?> _answer;
        private readonly bool _close;
        private readonly Task _accepting;

        public RawServer(Func<string?> answer, bool closeAfterAnswer = false)
        {
            (_answer, _close) = (answer, closeAfterAnswer);
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _accepting;
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = ServeAsync(await _listener.AcceptTcpClientAsync(CancellationToken.None));
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Stopped.
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using (client)
            {
                try
                {
                    var stream = client.GetStream();
                    using var reader = new StreamReader(stream, Encoding.ASCII);
                    while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
                    {
                        if (line.Length > 0)
                        {
                            continue;
                        }

                        if (_answer() is not { } answer)
                        {
                            return;
                        }

                        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), CancellationToken.None);
                        if (_close)
                        {
                            return;
                        }
                    }
                }
                catch (IOException)
                {
                    // The load has gone.
                }
            }
        }
    }
}
