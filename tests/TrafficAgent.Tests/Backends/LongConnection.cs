using System.Net.Sockets;
using System.Text;

namespace KongUpgradeMesh.TrafficAgent.Tests.Backends;

/// <summary>An upgraded connection, as of a WebSocket: it echoes for as long as it lives.</summary>
public sealed class LongConnection : IDisposable
{
    private readonly TcpClient _connection = new() { NoDelay = true };
    private readonly byte[] _buffer = new byte[1];

    private LongConnection()
    {
    }

    /// <summary>The side that it was opened on.</summary>
    public string Side { get; private set; } = "";

    public static async Task<LongConnection> OpenAsync(int port, CancellationToken cancellationToken)
    {
        var opened = new LongConnection();
        await opened._connection.ConnectAsync("127.0.0.1", port, cancellationToken);
        var stream = opened._connection.GetStream();
        await stream.WriteAsync("GET /long HTTP/1.1\r\nHost: test\r\napikey: long\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"u8.ToArray(), cancellationToken);
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append(await stream.ReadAsync(opened._buffer, cancellationToken) == 1 ? (char)opened._buffer[0] : throw new IOException($"closed after {head}"));
        }

        var lines = head.ToString().Split("\r\n");
        Assert.StartsWith("HTTP/1.1 101 ", lines[0], StringComparison.Ordinal);
        opened.Side = lines.First(static l => l.StartsWith("x-kum-side: ", StringComparison.OrdinalIgnoreCase))[^1..];
        return opened;
    }

    /// <summary>Whether a byte comes back.</summary>
    public async Task<bool> LivesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var stream = _connection.GetStream();
            await stream.WriteAsync("?"u8.ToArray(), cancellationToken);
            return await stream.ReadAsync(_buffer, cancellationToken) == 1;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose() => _connection.Dispose();
}
