using System.Net;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>What stands before and behind a <see cref="NginxServer"/>.</summary>
public sealed record NginxLayout
{
    /// <summary>TCP port on 127.0.0.1 where clients connect.</summary>
    public required int FrontendPort { get; init; }

    /// <summary>TCP port on 127.0.0.1 where the generation in force is told.</summary>
    public required int GenerationPort { get; init; }

    /// <summary>Proxy addresses of cluster X's nodes, at least one.</summary>
    public required IReadOnlyList<EndPoint> NodesX { get; init; }

    /// <summary>Proxy addresses of cluster Y's nodes, at least one.</summary>
    public required IReadOnlyList<EndPoint> NodesY { get; init; }
}
