using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace KongUpgradeMesh.Lab.Load;

/// <summary>One keep-alive HTTP/1.1 connection that sends every request exactly once.</summary>
/// <remarks>Not HttpClient: it repeats requests on connections that broke, and would hide the very failures this load is to find.</remarks>
internal sealed class HttpConnection(Socket socket) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Whether the last answer leaves the connection open.</summary>
    public bool Reusable { get; private set; } = true;

    public static async Task<HttpConnection> OpenAsync(Uri target, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target.Host, target.Port, cancellationToken);
            return new HttpConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether the server has not closed it while it was idle. A close that crosses the next request is that request's failure.</summary>
    public bool IsAlive() => _start == _end && !(socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && socket.Available == 0);

    public async Task<LoadAnswer> SendAsync(byte[] request, bool isHead, CancellationToken cancellationToken)
    {
        Reusable = false;
        await _stream.WriteAsync(request, cancellationToken);
        int status;
        Dictionary<string, string> headers;
        do
        {
            (status, headers) = await ReadHeadAsync(cancellationToken);
        }
        while (status is >= 100 and < 200);

        var bodyless = isHead || status is 204 or 304;
        var toEnd = false;
        if (!bodyless && headers.TryGetValue("transfer-encoding", out var coding) && coding.Contains("chunked", StringComparison.OrdinalIgnoreCase))
        {
            await SkipChunksAsync(cancellationToken);
        }
        else if (!bodyless && headers.TryGetValue("content-length", out var length))
        {
            await SkipAsync(long.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        }
        else if (!bodyless)
        {
            toEnd = true;
            while (await FillAsync(cancellationToken))
            {
                _start = _end;
            }
        }

        Reusable = !toEnd && !(headers.TryGetValue("connection", out var connection) && connection.Contains("close", StringComparison.OrdinalIgnoreCase));
        return new LoadAnswer(status, headers.GetValueOrDefault("x-kum-side")?.ToLowerInvariant(), null);
    }

    public void Dispose() => _stream.Dispose();

    private async Task<(int Status, Dictionary<string, string> Headers)> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var statusLine = await ReadLineAsync(cancellationToken);
        var parts = statusLine.Split(' ', 3);
        if (parts.Length < 2 || !statusLine.StartsWith("HTTP/1.", StringComparison.Ordinal) || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out var status))
        {
            throw new IOException("not an HTTP answer");
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string line;
        while ((line = await ReadLineAsync(cancellationToken)).Length > 0)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                headers[line[..colon]] = line[(colon + 1)..].Trim();
            }
        }

        return (status, headers);
    }

    private async Task SkipChunksAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var size = (await ReadLineAsync(cancellationToken)).Split(';')[0].Trim();
            var length = long.Parse(size, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
            {
                while ((await ReadLineAsync(cancellationToken)).Length > 0)
                {
                    // Trailers.
                }

                return;
            }

            await SkipAsync(length + 2, cancellationToken);
        }
    }

    private async Task SkipAsync(long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                throw new IOException("the answer was cut off");
            }

            var taken = (int)Math.Min(count, _end - _start);
            _start += taken;
            count -= taken;
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.Latin1.GetString(_buffer, _start, length).TrimEnd('\r');
                _start += length + 1;
                return line;
            }

            if (_end - _start == _buffer.Length || !await FillAsync(cancellationToken))
            {
                throw new IOException("the connection was closed without a full answer");
            }
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        var read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        return read > 0;
    }
}
