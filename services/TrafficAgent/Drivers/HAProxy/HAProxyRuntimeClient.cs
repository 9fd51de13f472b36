using System.Net.Sockets;
using System.Text;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>Speaks with HAProxy's runtime socket: one connection, one command, one answer.</summary>
internal sealed class HAProxyRuntimeClient(HAProxyOptions options, TimeProvider clock)
{
    // Statistics of a thousand servers fit; whatever is longer is not HAProxy.
    private const int LongestAnswer = 8 * 1024 * 1024;

    /// <summary>The answer's text without the line breaks around it.</summary>
    public async Task<string> AskAsync(string command, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(options.Timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            return await ExchangeAsync(command, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TrafficFailures.Unreachable($"HAProxy at {options.Socket}", $"no answer within {options.Timeout}");
        }
        catch (SocketException exception)
        {
            throw TrafficFailures.Unreachable($"HAProxy at {options.Socket}", exception.SocketErrorCode.ToString(), exception);
        }
    }

    /// <summary>A command that changes something: HAProxy says nothing when it did, and every word is an error although the exchange succeeded.</summary>
    public async Task TellAsync(string command, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(command, cancellationToken);
        if (answer.Length > 0)
        {
            throw TrafficFailures.Refused($"HAProxy at {options.Socket}", answer);
        }
    }

    private async Task<string> ExchangeAsync(string command, CancellationToken cancellationToken)
    {
        using var socket = await ConnectAsync(cancellationToken);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\n"), cancellationToken);
        using var answer = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await ReadAsync(stream, buffer, cancellationToken)) > 0)
        {
            answer.Write(buffer, 0, read);
            if (answer.Length > LongestAnswer)
            {
                throw TrafficFailures.Refused($"HAProxy at {options.Socket}", $"an answer of more than {LongestAnswer} bytes");
            }
        }

        if (answer.Length == 0)
        {
            // Even "done" is an empty line. Nothing at all means that it went away, and unknown is never success.
            throw TrafficFailures.Unreachable($"HAProxy at {options.Socket}", "it closed the connection without an answer");
        }

        return Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length).Trim('\n', '\r', ' ');
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var socket = options.Socket.AddressFamily == AddressFamily.Unspecified
                ? new Socket(SocketType.Stream, ProtocolType.Tcp)
                : new Socket(options.Socket.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(options.Socket, cancellationToken);
                return socket;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain or SocketError.AddressNotAvailable)
            {
                // The queue of a unix socket is full, or the kernel is short of something for a moment. Nothing was sent, so asking again within the bound is safe.
                socket.Dispose();
                await Task.Delay(TimeSpan.FromMilliseconds(10), clock, cancellationToken);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private async Task<int> ReadAsync(NetworkStream stream, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException exception)
        {
            throw TrafficFailures.Unreachable($"HAProxy at {options.Socket}", "the connection broke", exception);
        }
    }
}
