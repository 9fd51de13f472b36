using System.Net;
using System.Net.Sockets;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>Finds TCP ports on the loopback address that nobody listens on.</summary>
public static class FreePort
{
    /// <summary>Returns <paramref name="count"/> distinct free ports; all are held open until all are found.</summary>
    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in listeners)
            {
                listener.Start();
            }

            return [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
            {
                listener.Dispose();
            }
        }
    }

    /// <summary>Returns one free port.</summary>
    public static int Take() => Take(1)[0];
}
