namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>One address that requests can be sent to.</summary>
/// <param name="Address"><c>host:port</c>.</param>
/// <param name="Weight">0 takes no requests.</param>
internal sealed record Peer(string Address, int Weight)
{
    public string Host => Address[..Address.LastIndexOf(':')];

    public int Port => int.Parse(Address[(Address.LastIndexOf(':') + 1)..]);
}
