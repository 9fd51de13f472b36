using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>Hands out loopback ports that stay free until a server listens on them, perhaps a minute later.</summary>
/// <remarks>
/// They lie outside the kernel's range for outgoing connections: otherwise a connection of any process could take the port before its server starts.
/// Several processes (test projects side by side, a lab beside them) ask at once, so each claims whole blocks of ports by locking a file; the lock ends with the process.
/// </remarks>
public static class LoopbackPorts
{
    private const int Lowest = 10_240;
    private const int BlockSize = 64;

    // Where the services of the recorded configurations point to: whoever plays them must find these free.
    private static readonly int[] Reserved = [17_191, 17_192];
    private static readonly Lock Gate = new();
    private static readonly List<FileStream> Claims = [];
    private static readonly int EphemeralFrom = ReadEphemeralFrom();
    private static Queue<int> _block = new();

    /// <summary>Returns <paramref name="count"/> distinct ports that nobody listens on and that no running process has been handed before.</summary>
    /// <exception cref="InvalidOperationException">All blocks are claimed by running processes.</exception>
    public static int[] Take(int count)
    {
        lock (Gate)
        {
            var ports = new List<int>(count);
            while (ports.Count < count)
            {
                if (_block.Count == 0)
                {
                    _block = new Queue<int>(ClaimBlock());
                }

                var port = _block.Dequeue();
                if (!Reserved.Contains(port) && IsFree(port))
                {
                    ports.Add(port);
                }
            }

            return [.. ports];
        }
    }

    /// <summary>Returns one free port.</summary>
    /// <exception cref="InvalidOperationException">All blocks are claimed by running processes.</exception>
    public static int Take() => Take(1)[0];

    private static IEnumerable<int> ClaimBlock()
    {
        var directory = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "kum-lab-ports-" + Environment.UserName)).FullName;
        var blocks = Enumerable.Range(0, (EphemeralFrom - Lowest) / BlockSize).ToArray();
        // In random order: two runs after one another do not meet in ports that the first one's connections still hold in TIME_WAIT.
        Random.Shared.Shuffle(blocks);
        foreach (var block in blocks)
        {
            try
            {
                Claims.Add(new FileStream(Path.Combine(directory, block.ToString(CultureInfo.InvariantCulture)), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
                return Enumerable.Range(Lowest + (block * BlockSize), BlockSize);
            }
            catch (IOException)
            {
                // Claimed by another process.
            }
        }

        throw new InvalidOperationException($"every block of TCP ports between {Lowest} and {EphemeralFrom} is claimed by a running process ({directory})");
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
