using System.Net.Sockets;
using System.Text;

namespace KongUpgradeMesh.System.Tests.Mesh;

/// <summary>HAProxy's runtime socket, as a person with socat uses it.</summary>
internal static class HaproxySocket
{
    public static async Task<string> SayAsync(string path, string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\n"));
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync()).Trim();
    }
}
