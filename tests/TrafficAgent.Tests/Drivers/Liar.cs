using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>Listens where a runtime socket is expected and answers everything with the same text.</summary>
public sealed class Liar : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public Liar(string answer)
    {
        _listener.Start();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                _ = await stream.ReadAsync(new byte[4096]);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
            }
        });
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public void Dispose() => _listener.Dispose();
}
