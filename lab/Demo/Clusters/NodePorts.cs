using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Lab.Demo.Clusters;

/// <summary>The loopback ports of one Kong node.</summary>
/// <param name="Proxy">Serves clients.</param>
/// <param name="Admin">Admin API.</param>
/// <param name="Status">Status API.</param>
public sealed record NodePorts(int Proxy, int Admin, int Status)
{
    /// <summary>Reserves three ports.</summary>
    public static NodePorts Take() => LoopbackPorts.Take(3) is [var proxy, var admin, var status]
        ? new NodePorts(proxy, admin, status)
        : throw new InvalidOperationException("three ports were asked for");
}
