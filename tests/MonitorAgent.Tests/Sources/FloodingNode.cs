using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KongUpgradeMesh.MonitorAgent.Tests.Sources;

/// <summary>A node whose <c>/metrics</c> never ends, on a bare socket: a web server would go on counting what it buffers for a reader that has left.</summary>
internal sealed class FloodingNode : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<long> _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<string> _next;
    private readonly Task _serving;

    /// <param name="next">The next piece of the text, asked for as long as the reader takes it.</param>
    public FloodingNode(Func<string> next)
    {
        _next = next;
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>The bytes that the kernel took until the reader closed its connection.</summary>
    public Task<long> BytesTakenAsync() => _left.Task.WaitAsync(Deadline);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(AnswerAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        using var connection = socket;
        var taken = 0L;
        var floods = false;
        try
        {
            await using var stream = new NetworkStream(connection);
            using var requests = new StreamReader(stream, Encoding.ASCII);
            while (await requests.ReadLineAsync(_stop.Token) is { } request)
            {
                while (!string.IsNullOrEmpty(await requests.ReadLineAsync(_stop.Token)))
                {
                }

                floods = request.StartsWith("GET /metrics ", StringComparison.Ordinal);
                await stream.WriteAsync(floods ? "HTTP/1.1 200 OK\r\nServer: kong/3.4.2\r\nConnection: close\r\n\r\n"u8.ToArray() : "HTTP/1.1 200 OK\r\nServer: kong/3.4.2\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), _stop.Token);
                while (floods)
                {
                    taken += await connection.SendAsync(Encoding.ASCII.GetBytes(_next()), _stop.Token);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // The reader has left, or the test is over.
        }
        finally
        {
            if (floods)
            {
                _left.TrySetResult(taken);
            }
        }
    }
}
