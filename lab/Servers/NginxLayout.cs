using System.Net;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>What stands before and behind a <see cref="NginxServer"/>, and how it is told the split.</summary>
public sealed record NginxLayout
{
    /// <summary>The operators' document with the configuration; the server runs exactly what is written there.</summary>
    public required string Document { get; init; }

    /// <summary>The Lua code of the traffic agent; null for the mode that reloads.</summary>
    public string? LuaCode { get; init; }

    /// <summary>Where every request is logged at once in the document's format; null for no log.</summary>
    public string? AccessLog { get; init; }

    /// <summary>TCP port on 127.0.0.1 where clients connect.</summary>
    public required int FrontendPort { get; init; }

    /// <summary>TCP port on 127.0.0.1 of the control location.</summary>
    public required int ControlPort { get; init; }

    /// <summary>Proxy addresses of cluster X's nodes, at least one.</summary>
    public required IReadOnlyList<EndPoint> NodesX { get; init; }

    /// <summary>Proxy addresses of cluster Y's nodes, at least one.</summary>
    public required IReadOnlyList<EndPoint> NodesY { get; init; }
}
