using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace KongUpgradeMesh.TrafficAgent.Tests.Backends;

/// <summary>An HTTP client on one kept connection that never retries, so that every failure is seen.</summary>
public sealed class RawClient(int port) : IDisposable
{
    private readonly byte[] _buffer = new byte[4096];
    private TcpClient? _connection;

    /// <summary>Further header lines, each with its line break. Default none.</summary>
    public string MoreHeaders { get; init; } = "";

    /// <summary>Sends one POST with this key and returns the side that answered: <c>x</c> or <c>y</c>.</summary>
    public async Task<string> SendAsync(string key, CancellationToken cancellationToken)
    {
        if (_connection is null)
        {
            _connection = new TcpClient { NoDelay = true };
            await _connection.ConnectAsync("127.0.0.1", port, cancellationToken);
        }

        var stream = _connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /echo HTTP/1.1\r\nHost: test\r\napikey: {key}\r\n{MoreHeaders}Content-Length: 2\r\n\r\nhi"), cancellationToken);
        var text = new StringBuilder();
        while (true)
        {
            var read = await stream.ReadAsync(_buffer, cancellationToken);
            if (read == 0)
            {
                throw new IOException("closed before the answer was whole");
            }

            text.Append(Encoding.ASCII.GetString(_buffer, 0, read));
            var answer = text.ToString();
            var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && answer.Length >= end + 4 + int.Parse(Header(answer, "content-length"), CultureInfo.InvariantCulture))
            {
                if (answer.Contains("\r\nConnection: close\r\n", StringComparison.OrdinalIgnoreCase))
                {
                    // Announced (nginx does so after 1,000 requests), so no failure.
                    _connection.Dispose();
                    _connection = null;
                }

                return answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) ? Header(answer, "x-kum-side") : throw new IOException(answer[..answer.IndexOf('\r')]);
            }
        }
    }

    public void Dispose() => _connection?.Dispose();

    private static string Header(string answer, string name) =>
        answer.Split("\r\n").Select(static l => l.Split(':', 2)).FirstOrDefault(l => l.Length == 2 && l[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1].Trim()
        ?? throw new IOException($"no header {name} in {answer}");
}
