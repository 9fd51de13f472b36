using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KongUpgradeMesh.Lab.Demo.Clusters;

/// <summary>Hands out loopback ports that stay free until a server listens on them, perhaps a minute later.</summary>
/// <remarks>They lie outside the kernel's range for outgoing connections: otherwise a connection of the running load could take cluster Y's port before Y starts.</remarks>
public static class LabPorts
{
    private const int Lowest = 10_240;
    private const int Tries = 20_000;
    private static readonly ConcurrentDictionary<int, bool> Taken = new();
    private static readonly int EphemeralFrom = ReadEphemeralFrom();

    /// <summary>Returns <paramref name="count"/> distinct ports that nobody listens on and that this process has not handed out before.</summary>
    public static int[] Take(int count)
    {
        var ports = new List<int>(count);
        for (var i = 0; i < Tries && ports.Count < count; i++)
        {
            var port = Random.Shared.Next(Lowest, EphemeralFrom);
            if (IsFree(port) && Taken.TryAdd(port, true))
            {
                ports.Add(port);
            }
        }

        return ports.Count == count
            ? [.. ports]
            : throw new InvalidOperationException($"no {count} free TCP ports between {Lowest} and {EphemeralFrom} on 127.0.0.1");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int ReadEphemeralFrom()
    {
        const string file = "/proc/sys/net/ipv4/ip_local_port_range";
        var lowest = File.Exists(file) ? int.Parse(File.ReadAllText(file).Split('\t', ' ')[0], CultureInfo.InvariantCulture) : 32_768;
        return lowest > Lowest + 1000 ? lowest : 32_768;
    }
}
