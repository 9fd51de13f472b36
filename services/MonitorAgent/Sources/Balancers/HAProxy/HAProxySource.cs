using System.Net.Sockets;
using System.Text;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers.HAProxy;

/// <summary>Asks HAProxy's runtime socket for <c>show stat</c>: one connection, one answer, within a time and a size.</summary>
internal sealed class HAProxySource(HAProxySourceSpec settings, TimeProvider clock) : IBalancerSource
{
    // Statistics of a thousand servers fit; whatever is longer is not HAProxy.
    private const int LongestAnswer = 8 * 1024 * 1024;

    // Only rows of backends: with many servers most of the answer is left out. -1 any proxy, 2 backends, -1 any id.
    private static readonly byte[] Question = "show stat -1 2 -1\n"u8.ToArray();

    public async Task<BalancerReading> ReadAsync(CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(settings.Timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            var reading = HAProxyStatistics.Read(await AskAsync(linked.Token), settings.BackendX, settings.BackendY);
            return reading.Problem is { } problem ? Failed(problem) : reading;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"no answer within {settings.Timeout.TotalSeconds:0.#} s");
        }
        catch (SocketException exception)
        {
            return Failed(exception.SocketErrorCode.ToString());
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return Failed(exception is InvalidDataException ? exception.Message : "the connection broke");
        }
    }

    public void Dispose()
    {
        // Nothing is kept between two readings.
    }

    private async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        using var socket = settings.Socket.AddressFamily == AddressFamily.Unspecified
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(settings.Socket.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(settings.Socket, cancellationToken);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Question, cancellationToken);
        using var answer = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            answer.Write(buffer, 0, read);
            if (answer.Length > LongestAnswer)
            {
                throw new InvalidDataException($"an answer of more than {LongestAnswer} bytes");
            }
        }

        return Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length);
    }

    private BalancerReading Failed(string problem) => BalancerReading.Failed($"HAProxy at {settings.Socket}: {problem}");
}
