using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KongUpgradeMesh.TrafficAgent.Tests.Backends;

/// <summary>Asks a DNS server as the resolvers of many clients would, byte by byte, so that nothing of the product's own client is trusted.</summary>
public static class LookupCensus
{
    /// <summary>One question for each client, on its behalf (EDNS client subnet); element i tells whether the first address of its answer is Y's.</summary>
    public static async Task<bool[]> TakeAsync(IPEndPoint server, string name, IReadOnlySet<IPAddress> addressesY, int clients, CancellationToken cancellationToken)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Connect(server);
        var onY = new bool[clients];
        for (var client = 0; client < clients; client++)
        {
            onY[client] = addressesY.Contains((await AskAsync(socket, name, client, cancellationToken))[0]);
        }

        return onY;
    }

    private static async Task<IReadOnlyList<IPAddress>> AskAsync(UdpClient socket, string name, int client, CancellationToken cancellationToken)
    {
        byte[] labels = [.. name.Split('.').SelectMany(static l => new[] { (byte)l.Length }.Concat(Encoding.ASCII.GetBytes(l))), 0];
        var (a, b) = ((byte)(client >> 8), (byte)client);
        byte[] subnet = [0, 8, 0, 8, 0, 1, 32, 0, 10, (byte)(client * 37), a, b];
        // The id is random: servers that rotate answers do so by it.
        var id = new[] { (byte)Random.Shared.Next(256), b };
        byte[] question = [.. id, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, .. labels, 0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, (byte)subnet.Length, .. subnet];
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(TimeSpan.FromMinutes(1));
        await socket.SendAsync(question, bound.Token);
        var answer = (await socket.ReceiveAsync(bound.Token)).Buffer;
        Assert.Equal(id, answer[..2]);
        var records = (answer[6] << 8) | answer[7];
        Assert.True(records > 0, $"answer code {answer[3] & 15} without records");

        // Records follow the question; each begins with a compressed name of two bytes.
        var addresses = new List<IPAddress>();
        for (var (record, at) = (0, 12 + labels.Length + 4); record < records; record++, at += 16)
        {
            addresses.Add(new IPAddress(answer.AsSpan(at + 12, 4)));
        }

        return addresses;
    }
}
