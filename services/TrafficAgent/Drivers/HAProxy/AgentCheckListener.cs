using System.Net;
using System.Net.Sockets;
using System.Text;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>Answers each connection of HAProxy's agent check with X's share, from the file of the record.</summary>
internal sealed class AgentCheckListener : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private const int MostAtOnce = 64; // HAProxy asks with one connection at a time; whoever else finds the port must not cost more than this.
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _room = new(MostAtOnce);
    private readonly TcpListener _listener;
    private readonly HAProxyMapFile _file;
    private readonly TimeProvider _clock;
    private TrafficSplit? _instead;

    /// <summary>Listens from here on.</summary>
    /// <exception cref="SocketException">The address is not this host's, or the port is taken.</exception>
    public AgentCheckListener(IPEndPoint listen, string file, TimeProvider clock)
    {
        (_listener, _file, _clock) = (new TcpListener(listen), new HAProxyMapFile(file, clock), clock);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Answers this split whatever the file says; null follows the file again.</summary>
    public void Follow(TrafficSplit? instead) => Volatile.Write(ref _instead, instead);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var stopping = _stop.Token;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await _room.WaitAsync(stopping);
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync(stopping), stopping);
            }
            catch (SocketException)
            {
                _room.Release();
                // The host is short of something, for example of file descriptors; HAProxy keeps the weight and asks again.
                await Task.Delay(Pause, _clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(TcpClient client, CancellationToken stopping)
    {
        using var bound = new CancellationTokenSource(Bound, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, stopping);
        using (client)
        {
            try
            {
                // Without an answer HAProxy keeps the weight that it has: right for a file that is missing or not understood.
                if ((Volatile.Read(ref _instead) ?? (await _file.TryReadAsync(linked.Token))?.Split) is { } split)
                {
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{split.WeightX}%\n"), linked.Token);
                }

                // To the end of what HAProxy may have sent, or closing would reset the connection before the answer is read.
                client.Client.Shutdown(SocketShutdown.Send);
                await client.GetStream().CopyToAsync(Stream.Null, linked.Token);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // This check is lost; the next comes within HAProxy's agent-inter.
            }
            finally
            {
                _room.Release();
            }
        }
    }
}
