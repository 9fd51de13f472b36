using System.Net;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>What stands before and behind a <see cref="HaproxyServer"/>.</summary>
public sealed record HaproxyLayout
{
    /// <summary>TCP port on 127.0.0.1 where clients connect.</summary>
    public required int FrontendPort { get; init; }

    /// <summary>Proxy addresses of cluster X's nodes, at least one.</summary>
    public required IReadOnlyList<EndPoint> NodesX { get; init; }

    /// <summary>Proxy addresses of cluster Y's nodes, at least one; they need not answer yet.</summary>
    public required IReadOnlyList<EndPoint> NodesY { get; init; }

    /// <summary>Request headers whose first non-empty one is the sticky key; the client's address when all are missing. Default <c>apikey</c>, <c>Authorization</c>, <c>X-Client-Id</c>.</summary>
    public IReadOnlyList<string> StickyHeaders { get; init; } = ["apikey", "Authorization", "X-Client-Id"];

    /// <summary>TCP port on 127.0.0.1 where HAProxy asks for the split (agent-check), with a runtime socket that may only read; null for a map that is written. Default null.</summary>
    public int? AgentCheckPort { get; init; }

    /// <summary>Whether the servers of both clusters stand in one backend, divided by their weights instead of by a key. Default false.</summary>
    public bool OneBackend { get; init; }
}
